refused: unknown object
