// What a reader does with a report, in a real browser: node report_test.cjs DIR
// [WORDS] (the folder that pages.cc wrote; tests with these words). Prints a line a test; exit status 1 when
// one fails.
"use strict";

const assert = require("node:assert");
const fs = require("node:fs");
const path = require("node:path");
const {chromium} = require("playwright-core");

const folder = process.argv[2];
const axe = fs.readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const DESKTOP = {width: 1280, height: 900};
const PHONE = {width: 390, height: 844};

const tests = [];
const test = (name, run) => tests.push({name, run});
let browser;

// A page from disk with everything watched that must not happen.
async function open(name, options = {}) {
  const context = await browser.newContext({viewport: DESKTOP, offline: true, ...options});
  const page = await context.newPage();
  const seen = {errors: [], dialogs: 0, requests: []};
  page.on("pageerror", (error) => seen.errors.push(String(error)));
  page.on("console", (message) => {
    if (message.type() === "error") {
      seen.errors.push(message.text());
    }
  });
  page.on("dialog", (dialog) => { ++seen.dialogs; dialog.dismiss(); });
  page.on("request", (request) => seen.requests.push(request.url()));
  const address = "file://" + path.join(folder, name) + (options.hash || "");
  await page.goto(address);
  return {page, seen, address, close: () => context.close()};
}

// Draws every part by going there.
async function visitAll(page) {
  for (const section of await page.locator("section.part").all()) {
    await section.scrollIntoViewIfNeeded();
  }
  await page.waitForFunction(() => document.querySelector("[data-view] > .fallback") === null);
}

async function openAll(page) {
  await page.evaluate(() => document.querySelectorAll("details").forEach((item) => { item.open = true; }));
  await page.waitForTimeout(100);
}

test("page one needs no program", async () => {
  const {page, close} = await open("example.html", {javaScriptEnabled: false});
  const text = await page.locator("main").innerText();
  for (const words of ["Fail", "It does not meet the policy", "What to ask the vendor",
    "Remove the account or declare it in the manifest.", "99.9% of bytes explained", "What was not examined", "router.bin!/blob"]) {
    assert.ok(text.includes(words), words);
  }
  await close();
});

test("nothing is loaded and nothing fails", async () => {
  for (const name of ["example.html", "empty.html", "comparison.html"]) {
    const {page, seen, address, close} = await open(name);
    await visitAll(page);
    await openAll(page);
    assert.deepStrictEqual(seen, {errors: [], dialogs: 0, requests: [address]});
    await close();
  }
});

// Opens everything and turns every control of a page full of hostile text.
async function hostilePage(name, scripts) {
  const {page, seen, close} = await open(name);
  await page.evaluate(() => { window.alert = () => { window.hit = true; }; });
  await visitAll(page);
  await openAll(page);
  for (const select of await page.locator("select").all()) {
    for (const value of await select.locator("option").evaluateAll((all) => all.map((one) => one.value))) {
      await select.selectOption(value);
    }
  }
  await openAll(page);
  const result = await page.evaluate(() => ({
    hit: window.hit === true,
    scripts: document.scripts.length,
    foreign: document.querySelectorAll("img, iframe, object, embed, form, link, base, [style], [srcdoc], [src]").length,
    handlers: [...document.querySelectorAll("*")].filter((element) =>
      [...element.attributes].some((attribute) => attribute.name.startsWith("on"))).length,
    links: [...document.querySelectorAll("a")].filter((link) => !link.getAttribute("href").startsWith("#")).length,
    marks: /[\u202a-\u202e\u2066-\u2069\u200b\ufeff\u0000-\u0008]/.test(document.documentElement.textContent),
    shown: document.body.innerText.includes("<img src=x onerror=alert(1)>"),
  }));
  assert.deepStrictEqual(result, {hit: false, scripts, foreign: 0, handlers: 0, links: 0, marks: false, shown: true});
  assert.deepStrictEqual([seen.errors, seen.dialogs, seen.requests.length], [[], 0, 1]);
  await close();
}

test("hostile text executes nothing and stays text", async () => {
  for (const [name, scripts] of [["hostile.html", 3], ["comparison-hostile.html", 2]]) {
    await hostilePage(name, scripts);
  }
});

test("the policy refuses a script that gets in all the same", async () => {
  const {page, seen, close} = await open("example.html");
  await page.evaluate(() => {
    const script = document.createElement("script");
    script.textContent = "window.hit = true";
    document.body.append(script);
    const image = document.createElement("div");
    document.body.append(image);
    image.setAttribute("onclick", "window.hit = true");
    image.click();
  });
  assert.strictEqual(await page.evaluate(() => window.hit === true), false);
  assert.ok(seen.errors.some((text) => text.includes("Content Security Policy")));
  await close();
});

test("findings are searched, filtered, grouped and opened", async () => {
  const {page, close} = await open("large.html");
  await page.locator("#findings").scrollIntoViewIfNeeded();
  const status = page.locator("#findings .status");
  await page.waitForFunction(() => document.querySelector("#findings .status") !== null);
  assert.match(await status.innerText(), /^10,000 findings of 10,000/);
  assert.strictEqual(await page.locator("#findings .finding").count(), 50);
  await page.getByLabel("Severity").selectOption({label: "critical"});
  await page.getByLabel("Search findings").fill("number 7");
  await page.waitForFunction(() => document.querySelectorAll("#findings .finding").length === 1);
  assert.match(await status.innerText(), /^1 finding of 10,000/);
  await page.locator("#findings .finding > summary").click();
  const body = await page.locator("#findings .finding .body").innerText();
  assert.match(body, /Evidence: 3 pieces/);
  assert.match(body, /offset 31 \(0x1f\), 12 bytes/);
  // xxd -s 31: the bytes of "toor:x:0:0::".
  assert.match(body, /0000001f {2}74 6f 6f 72 3a 78 3a 30 3a 30 3a 3a {14}toor:x:0:0::/);
  await page.getByLabel("Search findings").fill("");
  await page.getByLabel("Group by").selectOption("family");
  await page.waitForFunction(() => document.querySelectorAll("#findings .group").length === 1);
  assert.match(await page.locator("#findings .group > summary").innerText(), /Debug interfaces/);
  await page.getByLabel("Search findings").fill("there is no such thing");
  await page.waitForFunction(() => document.querySelectorAll("#findings .finding").length === 0);
  await close();
});

test("a list grows and keeps the keyboard's place", async () => {
  const {page, close} = await open("large.html");
  await page.locator("#findings").scrollIntoViewIfNeeded();
  const more = page.locator("#findings .wider");
  await more.focus();
  await page.keyboard.press("Enter");
  assert.strictEqual(await page.locator("#findings .finding").count(), 100);
  assert.strictEqual(await page.evaluate(() => [...document.querySelectorAll("#findings summary")].indexOf(document.activeElement)), 50);
  await close();
});

test("a link from page one opens the finding", async () => {
  const {page, close} = await open("large.html");
  await page.locator(".asks .about a").first().click();
  await page.waitForFunction(() => document.querySelector(".finding[open]") !== null);
  assert.strictEqual("#" + await page.locator(".finding[open]").first().getAttribute("id"),
    await page.locator(".asks .about a").first().getAttribute("href"));
  await close();
});

test("the tree opens by keyboard, finds by name and changes its colours", async () => {
  const {page, seen, close} = await open("large.html");
  await page.locator("#content").scrollIntoViewIfNeeded();
  await page.waitForSelector("[data-view=content] .map rect");
  assert.match(await page.locator("[data-view=content] .status").innerText(), /^200 parts inside/);
  await page.locator("[data-view=content] tbody button").first().focus();
  await page.keyboard.press("Enter");
  assert.match(await page.locator("[data-view=content] .status").innerText(), /^499 parts inside/);
  assert.strictEqual(await page.locator("[data-view=content] .crumbs li").count(), 2);
  await page.getByLabel("Colour by").selectOption({label: "authenticity"});
  assert.match(await page.locator("[data-view=content] .legend").innerText(), /reached by no signature/);
  await page.getByLabel("Find a part by name").fill("file-99999");
  await page.waitForFunction(() => /1 part .*with that name/.test(document.querySelector("[data-view=content] .status").textContent));
  await page.locator("[data-view=content] tbody button").first().click();
  const facts = await page.locator("[data-view=content] dl").innerText();
  assert.match(facts, /router\.bin!\/folder-99501!\/file-99999/);
  // SHA-256 of "abc" (FIPS 180-2).
  assert.match(facts, /ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad/);
  assert.ok(await page.locator("[data-view=content] .map rect").count() < 3000);
  assert.deepStrictEqual(seen.errors, []);
  await close();
});

test("signatures are a graph and a list in words", async () => {
  const {page, close} = await open("example.html");
  await page.locator("#signatures").scrollIntoViewIfNeeded();
  await page.waitForSelector("#signatures .graph");
  assert.strictEqual(await page.locator("#signatures .graph .edge.fail").count(), 3);
  await page.locator("#signatures .finding > summary").click();
  const body = await page.locator("#signatures .finding").innerText();
  assert.match(body, /does not hold/);
  assert.match(body, /TOTAL-FAILED HASH_FAILURE/);
  assert.match(body, /the key is the policy's anchor/);
  await close();
});

test("SBOM differences sort and say so", async () => {
  const {page, close} = await open("hostile.html");
  await page.locator("#sbom").scrollIntoViewIfNeeded();
  const head = page.locator("#sbom th").filter({hasText: "Component or file"});
  await head.locator("button").click();
  assert.strictEqual(await head.getAttribute("aria-sort"), "ascending");
  const first = await page.locator("#sbom [role=region] tbody tr").first().innerText();
  await head.locator("button").click();
  assert.strictEqual(await head.getAttribute("aria-sort"), "descending");
  assert.notStrictEqual(await page.locator("#sbom [role=region] tbody tr").first().innerText(), first);
  await close();
});

test("the comparison shows what is new", async () => {
  const {page, close} = await open("example.html");
  await page.locator("#changes").scrollIntoViewIfNeeded();
  const text = await page.locator("#changes").innerText();
  for (const words of ["router-1.0.bin", "toor", "account", "changed", "Not all of that release was read"]) {
    assert.ok(text.includes(words), words);
  }
  await close();
});

test("the norm stands pack by pack and leads to findings", async () => {
  const {page, close} = await open("norm.html", {javaScriptEnabled: false});
  const packs = page.locator("#norm .pack");
  assert.strictEqual(await packs.count(), 10);
  const harmful = packs.filter({hasText: "Harmful hidden functions"});
  assert.match(await harmful.innerText(), /partly evaluated/);
  assert.strictEqual(await harmful.locator("a").count(), 1);
  assert.match(await packs.filter({hasText: "Map for certification"}).innerText(), /not applicable/);
  await close();
});

test("a comparison says on page one which is riskier, without a program", async () => {
  const {page, close} = await open("comparison.html", {javaScriptEnabled: false});
  const text = await page.locator("main").innerText();
  for (const words of ["Riskier", "router-1.1.bin is riskier than router-1.0.bin", "possible hidden administrator",
    "router-1.1.bin!/etc/passwd", "minisign RWT1", "What came and went, by kind", "1 part could not be examined"]) {
    assert.ok(text.includes(words), words);
  }
  assert.match(await page.locator("header").innerText(), /TLP:AMBER\+STRICT/);
  await close();
});

test("changes are filtered by kind, direction and words, and have their proof", async () => {
  const {page, seen, close} = await open("comparison.html");
  await page.locator("#changes").scrollIntoViewIfNeeded();
  const items = page.locator("#changes .finding");
  await page.waitForSelector("#changes .finding");
  assert.strictEqual(await items.count(), 5);
  assert.match(await items.first().innerText(), /possible hidden administrator/);
  await page.getByLabel("Gained or lost").selectOption("lost");
  assert.match(await page.locator("#changes .status").innerText(), /^2 changes of 5, 0 of them gained/);
  await page.getByLabel("Kind", {exact: true}).selectOption({label: "Network services"});
  assert.strictEqual(await items.count(), 1);
  await page.getByLabel("Gained or lost").selectOption("gained");
  assert.strictEqual(await items.count(), 0);
  await page.getByLabel("Kind", {exact: true}).selectOption("finding");
  await items.locator("summary").click();
  const body = await items.locator(".body").innerText();
  // xxd -s 31: the bytes of "toor:x:0:0::".
  assert.match(body, /0000001f {2}74 6f 6f 72 3a 78 3a 30 3a 30 3a 3a {14}toor:x:0:0::/);
  assert.match(body, /assay cat 'router-1\.1\.bin' 'router-1\.1\.bin!\/etc\/passwd'/);
  assert.deepStrictEqual(seen.errors, []);
  await close();
});

test("no serious accessibility finding, light, dark and narrow", async () => {
  for (const [name, options] of [["example.html", {colorScheme: "light"}], ["example.html", {colorScheme: "dark"}],
    ["example.html", {viewport: PHONE}], ["empty.html", {}], ["comparison.html", {colorScheme: "light"}],
    ["comparison.html", {colorScheme: "dark", viewport: PHONE}]]) {
    const {page, close} = await open(name, {...options, bypassCSP: true});
    await visitAll(page);
    await openAll(page);
    await page.evaluate(axe);
    const {violations} = await page.evaluate(() => window.axe.run({runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}));
    assert.deepStrictEqual(violations.map((one) => `${name} ${JSON.stringify(options)} ${one.impact} ${one.id}: ` +
      one.nodes.slice(0, 3).map((node) => node.html.slice(0, 160)).join(" | ")), []);
    await close();
  }
});

test("a phone scrolls in one direction", async () => {
  for (const name of ["example.html", "hostile.html", "large.html", "comparison.html", "comparison-hostile.html"]) {
    const {page, close} = await open(name, {viewport: PHONE});
    await visitAll(page);
    await openAll(page);
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), name);
    await close();
  }
});

test("paper has everything, opened", async () => {
  for (const [name, expected] of [
    ["example.html", ["Evidence: 3 pieces", "TOTAL-FAILED", "Claimed, not in the product"]],
    ["comparison.html", ["toor:x:0:0::", "tcp/23", "router-1.1.bin!/etc/motd", "0.1.0"]]]) {
    const {page, close} = await open(name);
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    const text = await page.locator("main").innerText();
    for (const words of expected) {
      assert.ok(text.includes(words), `${name}: ${words}`);
    }
    const pdf = await page.pdf({preferCSSPageSize: true});
    assert.ok(pdf.length > 10000);
    await close();
  }
});

(async () => {
  browser = await chromium.launch({executablePath: process.env.CHROMIUM, args: ["--no-sandbox"]});
  let failed = 0;
  for (const {name, run} of tests.filter((one) => one.name.includes(process.argv[3] || ""))) {
    try {
      await run();
      console.log(`ok     ${name}`);
    } catch (error) {
      ++failed;
      console.log(`FAILED ${name}\n${error.stack}`);
    }
  }
  await browser.close();
  process.exitCode = failed > 0 ? 1 : 0;
})();
