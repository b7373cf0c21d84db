// What users of the client write, against the real server: nothing of the client is changed or stubbed.
import { PostgrestClient } from "@supabase/postgrest-js";
import { beforeEach, describe, expect, inject, test } from "vitest";

const as = (token: string): PostgrestClient<any, { PostgrestVersion: "13" }, any> =>
  new PostgrestClient(inject("url"), { headers: { Authorization: `Bearer ${token}` } });
const keeper = as(inject("keeper"));
const clerk = as(inject("clerk"));

beforeEach(async () => {
  for (const object of ["vault", "machine", "site"]) {
    const { error } = await keeper.from(object).delete().not("id", "is", null);
    expect(error).toBeNull();
  }
  const sites = await keeper
    .from("site")
    .insert([
      { code: "N", name: "North" },
      { code: "S", name: "South" },
    ])
    .select("id, code");
  expect(sites.error).toBeNull();
  const id = (code: string) => sites.data?.find((site) => site.code === code)?.id;
  const { error, status } = await keeper.from("machine").insert([
    { tag: "A-1", title: "Alpha", site: id("N"), power: 10, price: "5.00", grade: "a", skills: ["cut"] },
    { tag: "A-2", title: "alpha (two), x", site: id("N"), power: 20, grade: "b", skills: ["cut", "drill"] },
    { tag: "B-1", title: "Bravo", site: id("S"), power: null, is_spare: true, bought_on: "2019-03-01" },
  ]);
  expect({ error, status }).toEqual({ error: null, status: 201 });
});

describe("reading", () => {
  test("select, order, and the columns asked for", async () => {
    const { data, error, status } = await keeper.from("machine").select("tag, name:title").order("tag", { ascending: false });
    expect(error).toBeNull();
    expect(status).toBe(200);
    expect(data).toEqual([
      { tag: "B-1", name: "Bravo" },
      { tag: "A-2", name: "alpha (two), x" },
      { tag: "A-1", name: "Alpha" },
    ]);
  });

  test.each([
    ["eq", (q: any) => q.eq("power", 10), ["A-1"]],
    ["neq", (q: any) => q.neq("power", 10), ["A-2"]],
    ["gt", (q: any) => q.gt("power", 10), ["A-2"]],
    ["gte", (q: any) => q.gte("power", 10), ["A-1", "A-2"]],
    ["lt", (q: any) => q.lt("power", 20), ["A-1"]],
    ["lte", (q: any) => q.lte("power", 20), ["A-1", "A-2"]],
    ["like", (q: any) => q.like("title", "%lpha%"), ["A-1", "A-2"]],
    ["ilike", (q: any) => q.ilike("title", "ALPHA%"), ["A-1", "A-2"]],
    ["is null", (q: any) => q.is("power", null), ["B-1"]],
    ["is true", (q: any) => q.is("is_spare", true), ["B-1"]],
    ["in", (q: any) => q.in("tag", ["A-1", "B-1"]), ["A-1", "B-1"]],
    ["contains", (q: any) => q.contains("skills", ["cut", "drill"]), ["A-2"]],
    ["text with marks", (q: any) => q.in("title", ["alpha (two), x"]), ["A-2"]],
    ["not", (q: any) => q.not("power", "is", null), ["A-1", "A-2"]],
    ["or", (q: any) => q.or("power.eq.20,grade.eq.a"), ["A-1", "A-2"]],
    ["match", (q: any) => q.match({ power: 10, grade: "a" }), ["A-1"]],
    ["filter", (q: any) => q.filter("bought_on", "gte", "2019-01-01"), ["B-1"]],
    ["two at once", (q: any) => q.gte("power", 5).lt("power", 15), ["A-1"]],
  ])("filter: %s", async (_name, filter, tags) => {
    const { data, error } = await filter(keeper.from("machine").select("tag").order("tag"));
    expect(error).toBeNull();
    expect(data.map((row: { tag: string }) => row.tag)).toEqual(tags);
  });

  test("embeds, both ways, with their own order and limit", async () => {
    const up = await keeper.from("machine").select("tag, site(code)").eq("tag", "A-1").single();
    expect(up.data).toEqual({ tag: "A-1", site: { code: "N" } });
    const down = await keeper
      .from("site")
      .select("code, machines(tag)")
      .order("code")
      .order("tag", { referencedTable: "machines", ascending: false })
      .limit(1, { referencedTable: "machines" });
    expect(down.data).toEqual([
      { code: "N", machines: [{ tag: "A-2" }] },
      { code: "S", machines: [{ tag: "B-1" }] },
    ]);
    const inner = await keeper.from("site").select("code, machines!inner(tag)").eq("machines.tag", "B-1");
    expect(inner.data).toEqual([{ code: "S", machines: [{ tag: "B-1" }] }]);
  });

  test("aggregates, grouped and in embeds", async () => {
    const grouped = await keeper.from("machine").select("grade, count(), power.sum(), mean:power.avg()").order("grade");
    expect(grouped.error).toBeNull();
    expect(grouped.data).toEqual([
      { grade: "a", count: 1, sum: 10, mean: "10.0000" },
      { grade: "b", count: 1, sum: 20, mean: "20.0000" },
      { grade: null, count: 1, sum: null, mean: null },
    ]);
    const counted = await keeper.from("site").select("code, machines(count)").order("code");
    expect(counted.data).toEqual([
      { code: "N", machines: [{ count: 2 }] },
      { code: "S", machines: [{ count: 1 }] },
    ]);
  });

  test("range and count", async () => {
    const page = await keeper.from("machine").select("tag", { count: "exact" }).order("tag").range(1, 2);
    expect(page.error).toBeNull();
    expect(page.count).toBe(3);
    expect(page.data).toEqual([{ tag: "A-2" }, { tag: "B-1" }]);
    const head = await keeper.from("machine").select("*", { count: "exact", head: true });
    expect({ count: head.count, error: head.error }).toEqual({ count: 3, error: null });
  });

  test("single and maybeSingle", async () => {
    const one = await keeper.from("machine").select("tag").eq("tag", "A-1").single();
    expect(one.data).toEqual({ tag: "A-1" });
    const none = await keeper.from("machine").select("tag").eq("tag", "none").single();
    expect(none.status).toBe(406);
    expect(none.error?.code).toBe("PGRST116");
    const maybe = await keeper.from("machine").select("tag").eq("tag", "none").maybeSingle();
    expect({ data: maybe.data, error: maybe.error }).toEqual({ data: null, error: null });
    const many = await keeper.from("machine").select("tag").maybeSingle();
    expect(many.error?.code).toBe("PGRST116");
  });

  test("csv", async () => {
    const { data } = await keeper.from("machine").select("tag,power").order("tag").csv();
    expect(data).toBe("tag,power\r\nA-1,10\r\nA-2,20\r\nB-1,\r\n");
  });
});

describe("writing", () => {
  test("insert one, with and without what was written", async () => {
    const silent = await keeper.from("site").insert({ code: "W", name: "West" });
    expect({ data: silent.data, error: silent.error, status: silent.status }).toEqual({ data: null, error: null, status: 201 });
    const told = await keeper.from("machine").insert({ tag: "C-1", title: "C", price: "1.00" }).select("tag, total").single();
    expect(told.data).toEqual({ tag: "C-1", total: "1.00" });
  });

  test("insert many; rows need not have the same keys", async () => {
    const { data, error, count } = await keeper
      .from("machine")
      .insert([{ tag: "C-1", title: "C", power: 1 }, { tag: "C-2", title: "D" }], { count: "exact", defaultToNull: false })
      .select("tag, power, price");
    expect(error).toBeNull();
    expect(count).toBe(2);
    expect(data).toEqual([
      { tag: "C-1", power: 1, price: "0.00" },
      { tag: "C-2", power: null, price: "0.00" },
    ]);
  });

  test("upsert: created, merged, ignored", async () => {
    const merged = await keeper
      .from("machine")
      .upsert(
        [
          { tag: "A-1", title: "Alpha again" },
          { tag: "C-1", title: "New" },
        ],
        { onConflict: "tag", count: "exact" },
      )
      .select("tag, title, power");
    expect({ error: merged.error, count: merged.count, status: merged.status }).toEqual({ error: null, count: 2, status: 201 });
    expect(merged.data).toEqual([
      { tag: "A-1", title: "Alpha again", power: 10 },
      { tag: "C-1", title: "New", power: null },
    ]);
    const again = await keeper.from("machine").upsert({ tag: "C-1", title: "Newer" }, { onConflict: "tag" });
    expect({ error: again.error, status: again.status }).toEqual({ error: null, status: 200 });
    const ignored = await keeper
      .from("machine")
      .upsert({ tag: "C-1", title: "Never" }, { onConflict: "tag", ignoreDuplicates: true })
      .select("tag");
    expect({ data: ignored.data, error: ignored.error }).toEqual({ data: [], error: null });
    const unknown = await keeper.from("machine").upsert({ tag: "C-1", title: "x" }, { onConflict: "title" });
    expect(unknown.error?.code).toBe("unknown_conflict_key");
  });

  test("upsert by id, where nothing else is said", async () => {
    const { data } = await keeper.from("site").select("id, code").eq("code", "N").single();
    const done = await keeper.from("site").upsert({ id: data?.id, name: "Far north" }).select("code, name").single();
    expect(done.data).toEqual({ code: "N", name: "Far north" });
  });

  test("the same write sent twice happens once", async () => {
    const send = () =>
      keeper.from("site").insert({ code: "K", name: "Once" }).select("code, name").setHeader("Idempotency-Key", "once");
    const [first, second] = [await send(), await send()];
    expect({ first: first.data, second: second.data }).toEqual({
      first: [{ code: "K", name: "Once" }],
      second: [{ code: "K", name: "Once" }],
    });
    const { count } = await keeper.from("site").select("*", { count: "exact", head: true }).eq("code", "K");
    expect(count).toBe(1);
  });

  test("update by filter", async () => {
    const told = await keeper.from("machine").update({ power: 7 }).like("tag", "A-%").select("tag, power");
    expect(told.error).toBeNull();
    expect(told.data).toEqual([
      { tag: "A-1", power: 7 },
      { tag: "A-2", power: 7 },
    ]);
    const silent = await keeper.from("machine").update({ power: 8 }, { count: "exact" }).eq("tag", "A-1");
    expect({ data: silent.data, status: silent.status, count: silent.count }).toEqual({ data: null, status: 204, count: 1 });
    const single = await keeper.from("machine").update({ power: 9 }).like("tag", "A-%").select("tag").single();
    expect(single.error?.code).toBe("PGRST116");
    const untouched = await keeper.from("machine").select("tag").eq("power", 9);
    expect(untouched.data).toEqual([]);
  });

  test("delete by filter", async () => {
    const told = await keeper.from("machine").delete().eq("tag", "A-1").select("tag");
    expect(told.data).toEqual([{ tag: "A-1" }]);
    const silent = await keeper.from("machine").delete({ count: "exact" }).gte("power", 0);
    expect({ error: silent.error, status: silent.status, count: silent.count }).toEqual({ error: null, status: 204, count: 1 });
    const left = await keeper.from("machine").select("tag");
    expect(left.data).toEqual([{ tag: "B-1" }]);
  });

  test("a write without a filter changes nothing", async () => {
    const { error } = await keeper.from("machine").delete();
    expect(error?.code).toBe("filter_required");
  });

  test("rollback and limits", async () => {
    const undone = await keeper.from("machine").delete().eq("tag", "A-1").rollback().select("tag");
    expect(undone.data).toEqual([{ tag: "A-1" }]);
    const limited = await keeper.from("machine").update({ power: 1 }).not("tag", "is", null).maxAffected(1);
    expect(limited.error?.code).toBe("too_many_affected");
    const { count } = await keeper.from("machine").select("*", { count: "exact", head: true });
    expect(count).toBe(3);
  });
});

describe("errors", () => {
  test("have the shape the client knows", async () => {
    const { data, error, status } = await keeper.from("machine").insert({ tag: "A-1", title: "Taken" });
    expect(data).toBeNull();
    expect(status).toBe(409);
    expect(error).toMatchObject({ code: "not_unique", message: expect.any(String), details: expect.stringContaining("/tag") });
    expect(error).toHaveProperty("hint");
  });

  test("unknown and unreadable fields are the same", async () => {
    const hidden = await clerk.from("machine").select("tag, secret");
    const missing = await clerk.from("machine").select("tag, sekret");
    expect(hidden.status).toBe(400);
    expect(hidden.error?.message).toBe(missing.error?.message.replace("sekret", "secret"));
  });

  test("a stranger gets nothing", async () => {
    const { status, data } = await as("garbage").from("machine").select();
    expect({ status, data }).toEqual({ status: 401, data: null });
  });
});
