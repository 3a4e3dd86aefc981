import assert from "node:assert/strict";
import test from "node:test";
import { load } from "./environment.js";

const { parseMarkdown } = await load("markdown");

/** A tree as short text: tag(children). */
function shape(node) {
  if (typeof node === "string") return JSON.stringify(node);
  return `${node.tag}${node.rule ? `#${node.rule}` : ""}(${node.children.map(shape).join(" ")})`;
}

const CASES = [
  ["# One\n## Two", 'h2("One") h3("Two")'],
  ["###### Deep", 'h6("Deep")'],
  ["two\nlines\n\nand more", 'p("two lines") p("and more")'],
  ["- a\n- b\n  goes on\n* c", 'ul(li("a") li("b goes on") li("c"))'],
  ["1. a\n2) b", 'ol(li("a") li("b"))'],
  ["- **B1** Mark letters.", 'ul(li#B1(strong("B1") " Mark letters."))'],
  ["**C6** Modes.", 'p#C6(strong("C6") " Modes.")'],
  ["**bold** *soft* `code*`", 'p(strong("bold") " " em("soft") " " code("code*"))'],
  ["**bold with *soft* in it**", 'p(strong("bold with " em("soft") " in it"))'],
  ["> a\n> b\n\nc", 'blockquote(p("a b")) p("c")'],
  ["| a | b |\n|---|---|\n| 1 | *2* |", 'table(thead(tr(th("a") th("b"))) tbody(tr(td("1") td(em("2")))))'],
  ["| no table |", 'p("| no table |")'],
  ["text\n# Heading", 'p("text") h2("Heading")'],
  ["<script>alert(1)</script> [a](javascript:b)", 'p("<script>alert(1)</script> [a](javascript:b)")'],
  ["5 * 3 * 2", 'p("5 * 3 * 2")'],
  ["a\r\nb", 'p("a b")'],
  ["", ""],
];
for (const [text, tree] of CASES) {
  test(`${JSON.stringify(text)} is ${tree || "nothing"}`, () => {
    assert.equal(parseMarkdown(text).map(shape).join(" "), tree);
  });
}
