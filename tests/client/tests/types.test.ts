// The generated types hold what a strict program asks of them: the right lines compile and, as the compiler checks by
// itself, each line that is expected to be wrong is.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, inject, test } from "vitest";

const compiler = fileURLToPath(new URL("../node_modules/typescript/bin/tsc", import.meta.url));

const program = `
import type { Machine, MachineInsert, MachineUpdate, Records } from "./records";

export const insert: MachineInsert = { tag: "A-1", title: "Alpha", grade: "a", skills: ["cut", "drill"] };
export const update: MachineUpdate = { title: "Bravo", power: null };
export const price = (machine: Machine): string | null => machine.price;
export const grade = (machine: Records["machine"]): "a" | "b" | "c" | null => machine.grade;

// @ts-expect-error there is no such field
export const unknown: MachineInsert = { tag: "A-1", title: "Alpha", colour: "red" };
// @ts-expect-error there is no such option
export const option: MachineUpdate = { grade: "z" };
// @ts-expect-error required fields are missing
export const empty: MachineInsert = {};
// @ts-expect-error the runtime keeps the id
export const renumber = (machine: Machine): void => { machine.id = ""; };
// @ts-expect-error decimals are strings
export const amount = (machine: Machine): number | null => machine.price;
`;

test("generated types compile under --strict", { timeout: 180_000 }, () => {
  const folder = mkdtempSync(join(tmpdir(), "trellis-types-"));
  writeFileSync(join(folder, "records.ts"), inject("types"));
  writeFileSync(join(folder, "program.ts"), program);
  const flags = ["--strict", "--exactOptionalPropertyTypes", "--noEmit", "--skipLibCheck", "--target", "es2022"];
  let told = "";
  try {
    execFileSync(process.execPath, [compiler, ...flags, "program.ts"], { cwd: folder, encoding: "utf8" });
  } catch (error) {
    told = String((error as { stdout?: string }).stdout);
  }
  rmSync(folder, { recursive: true, force: true });
  expect(told).toBe("");
});
