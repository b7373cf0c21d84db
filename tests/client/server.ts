// Starts the real server on a temporary folder: one tenant with the workshop package, one member for each role.
import { execFileSync, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { TestProject } from "vitest/node";

declare module "vitest" {
  interface ProvidedContext {
    url: string;
    keeper: string;
    clerk: string;
    types: string;
  }
}

const root = fileURLToPath(new URL("../..", import.meta.url));
const target = process.env["CARGO_TARGET_DIR"] ?? join(root, "target");
const binary = process.env["TRELLIS_BIN"] ?? join(target, "debug", "trellis");
const password = "correct-horse-9";

export default async function setup(project: TestProject): Promise<() => void> {
  const data = mkdtempSync(join(tmpdir(), "trellis-client-"));
  const run = (...words: string[]): void => {
    execFileSync(binary, ["--json", ...words, "--data", data], { stdio: ["ignore", "ignore", "inherit"] });
  };
  run("tenant", "create", "shop");
  run("apply", join(root, "tests/fixtures/workshop"), "--tenant", "shop");
  for (const role of ["keeper", "clerk"]) {
    run("user", "create", `${role}@shop.test`, "--tenant", "shop", "--role", role, "--password", password);
  }
  const types = ["gen", "types", "--tenant", "shop", "--role", "keeper", "--data", data];
  const module = execFileSync(binary, types, { encoding: "utf8" });
  const server = spawn(binary, ["--json", "serve", "--data", data, "--listen", "127.0.0.1:0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const first = await new Promise<string>((resolve, reject) => {
    createInterface({ input: server.stdout }).once("line", resolve);
    server.once("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  const { url } = JSON.parse(first) as { url: string };
  const login = async (name: string): Promise<string> => {
    const answer = await fetch(`${url}/auth/v1/token`, {
      method: "POST",
      body: JSON.stringify({ tenant: "shop", email: `${name}@shop.test`, password }),
    });
    return ((await answer.json()) as { access_token: string }).access_token;
  };
  project.provide("url", `${url}/t/shop/api/v1`);
  project.provide("keeper", await login("keeper"));
  project.provide("types", module);
  project.provide("clerk", await login("clerk"));
  return () => {
    server.kill("SIGKILL");
    rmSync(data, { recursive: true, force: true });
  };
}
