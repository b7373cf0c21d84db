refused: unknown field
