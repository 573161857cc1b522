/* Gives the focus to everything in a part of the page that can have it, and says where nobody would see it. */
(part) => {
  const LEAST_CONTRAST = 3;
  const LEAST_WIDTH = 2;
  const brush = document.createElement("canvas").getContext("2d", { willReadFrequently: true });

  const pixel = (colours) => {
    brush.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      brush.fillStyle = colour;
      brush.fillRect(0, 0, 1, 1);
    }
    return [...brush.getImageData(0, 0, 1, 1).data];
  };
  const luminance = (colours) => {
    const [red, green, blue] = pixel(colours).map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const contrast = (one, other) => {
    const [darker, lighter] = [luminance(one), luminance(other)].sort((a, b) => a - b);
    return (lighter + 0.05) / (darker + 0.05);
  };
  // The colours that lie below each other behind a thing, the lowest first.
  const behind = (thing) => {
    const colours = [];
    for (let one = thing; one; one = one.parentElement) colours.unshift(getComputedStyle(one).backgroundColor);
    return ["Canvas", ...colours];
  };
  const clips = (one) => {
    const style = getComputedStyle(one);
    return style.overflowX !== "visible" || style.overflowY !== "visible";
  };
  const bars = [...document.body.querySelectorAll("*")].filter((one) =>
    ["fixed", "sticky"].includes(getComputedStyle(one).position),
  );

  // The box around a thing's ring, and the box that cuts it off.
  const ringOf = (thing, style) => {
    const more = parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth);
    const { left, right, top, bottom } = thing.getBoundingClientRect();
    return { left: left - more, right: right + more, top: top - more, bottom: bottom + more };
  };
  const cutBy = (thing, ring) => {
    const edges = [{ name: "the window", left: 0, top: 0, right: innerWidth, bottom: innerHeight }];
    for (let one = thing.parentElement; one && one !== document.body; one = one.parentElement) {
      if (!clips(one)) continue;
      const box = one.getBoundingClientRect();
      const name = one.className || one.tagName;
      edges.push({ name, left: box.left, top: box.top, right: box.right, bottom: box.bottom });
    }
    const slack = 0.6;
    return edges.find(
      (edge) =>
        ring.left < edge.left - slack ||
        ring.right > edge.right + slack ||
        (ring.bottom - ring.top <= edge.bottom - edge.top &&
          (ring.top < edge.top - slack || ring.bottom > edge.bottom + slack)),
    );
  };
  const coveredBy = (thing, ring) =>
    bars.find((bar) => {
      if (bar.contains(thing) || thing.contains(bar)) return false;
      const box = bar.getBoundingClientRect();
      const [left, right] = [Math.max(ring.left, box.left), Math.min(ring.right, box.right)];
      // A browser scrolls to where one writes, not to the whole of a high field.
      const end = thing.tagName === "TEXTAREA" ? thing.getBoundingClientRect().top + 32 : ring.bottom;
      const [top, bottom] = [Math.max(ring.top, box.top), Math.min(end, box.bottom)];
      if (right - left <= 1 || bottom - top <= 1) return false;
      return bar.contains(document.elementFromPoint((left + right) / 2, (top + bottom) / 2));
    });

  const problemsOf = (thing) => {
    const style = getComputedStyle(thing);
    if (style.outlineStyle === "none" || parseFloat(style.outlineWidth) < LEAST_WIDTH) return ["no ring"];
    const found = [];
    const ground = behind(parseFloat(style.outlineOffset) < 0 ? thing : thing.parentElement);
    const stands = contrast([...ground, style.outlineColor], ground);
    if (stands < LEAST_CONTRAST) found.push(`a ring of contrast ${stands.toFixed(2)}`);
    const ring = ringOf(thing, style);
    const edge = cutBy(thing, ring);
    if (edge) found.push(`its ring is cut off by ${edge.name}`);
    const bar = coveredBy(thing, ring);
    if (bar) found.push(`it is below ${bar.className}`);
    return found;
  };

  const found = [];
  const things = document.querySelector(part).querySelectorAll("a[href], button, input, select, textarea, summary, [tabindex]");
  for (const thing of things) {
    thing.focus();
    if (document.activeElement !== thing || thing.tabIndex < 0) continue;
    for (const problem of problemsOf(thing)) found.push(`${problem}: ${thing.outerHTML.slice(0, 160)}`);
  }
  document.activeElement.blur();
  scrollTo(0, 0);
  return found;
}
