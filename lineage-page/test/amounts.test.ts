import { expect, test } from "vitest";
import { inWords } from "../src/maths/amounts";

test.each([
  [0.0042, "seconds", "4.2 ms"],
  [6.0714, "seconds", "6.07 s"],
  [141.6, "seconds", "2 min 21 s"],
  [3600, "seconds", "1 h"],
  [180_000, "seconds", "2 d 2 h"],
  [0.9871, "share", "98.7 %"],
  [1, "share", "100 %"],
  [12, "events", "12 events"],
  [3, null, "3"],
])("%s %s is %s", (value, unit, words) => {
  expect(inWords(value, unit)).toBe(words);
});
