// Looks at the page it is put into. Answers in lists of [kind of finding, what was found]; must not change the page for good.
window.look = (() => {
  const named = (el) => {
    const id = el.id ? `#${el.id}` : el.classList.length ? `.${[...el.classList].join(".")}` : "";
    return `<${el.tagName.toLowerCase()}${id}> “${(el.innerText || el.value || el.textContent || "").trim().slice(0, 40)}”`;
  };
  const box = (el) => el.getBoundingClientRect();
  const isShown = (el) => {
    const { width, height } = box(el);
    return width > 1 && height > 1 && el.checkVisibility({ visibilityProperty: true });
  };
  const FOCUSABLE = "a[href], button, input:not([type=hidden]), select, textarea, summary, [contenteditable=true]";
  const focusable = () => [...document.querySelectorAll(FOCUSABLE)].filter(
    (el) => isShown(el) && !el.disabled && el.tabIndex >= 0 && !el.closest("[aria-hidden=true]"));

  // axe: every violation, and what it cannot tell about contrast outside the known places.
  const withAxe = async (options, known) => {
    const result = await axe.run({ exclude: [[".ProseMirror a"]] }, options); // words in an editor: they lead nowhere
    const lines = (kind, list) => list.flatMap((rule) => rule.nodes.map((node) => {
      const why = [...node.any, ...node.all, ...node.none].map((c) => c.message).join("; ");
      return [kind, `${rule.id}: ${node.html.slice(0, 120)}: ${why.slice(0, 160)}`];
    }));
    const unknown = result.incomplete.filter((rule) => rule.id === "color-contrast").map((rule) => ({
      ...rule,
      nodes: rule.nodes.filter(({ target }) => {
        const el = document.querySelector(target[0]);
        return !el || !known.some((selector) => el.closest(selector));
      }),
    }));
    return [...lines("violation", result.violations), ...lines("unknown contrast", unknown)];
  };

  // Contrast of words in drawings: the fill of what is painted behind them.
  const rgb = (colour) => (colour.match(/[\d.]+/g) || []).map(Number);
  const luminance = (colour) => {
    const [r, g, b] = rgb(colour).slice(0, 3).map((v) => v / 255).map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const isClear = (colour) => colour === "none" || rgb(colour)[3] === 0;
  const contrast = (one, other) => {
    const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (light + 0.05) / (dark + 0.05);
  };
  const groundAt = (x, y, text) => {
    for (const el of document.elementsFromPoint(x, y)) {
      if (el === text || el.closest("text")) continue;
      const style = getComputedStyle(el);
      if (el instanceof SVGGeometryElement) {
        if (!isClear(style.fill) && el.isPointInFill(new DOMPoint(x, y).matrixTransform(el.getScreenCTM().inverse()))) return style.fill;
      } else if (!isClear(style.backgroundColor)) return style.backgroundColor;
    }
    // Below the end of the body lies the canvas: it has the root's colour, or the body's if the root has none.
    const canvas = [document.documentElement, document.body].map((el) => getComputedStyle(el).backgroundColor);
    return canvas.find((colour) => !isClear(colour)) || "rgb(255, 255, 255)";
  };
  const atDrawings = () => [...document.querySelectorAll("svg text")].filter(isShown).flatMap((text) => {
    text.scrollIntoView({ block: "center", behavior: "instant" });
    const { left, right, top, bottom } = box(text);
    const middle = (top + bottom) / 2;
    const fill = getComputedStyle(text).fill;
    const grounds = new Set([left + 1, (left + right) / 2, right - 1].map((x) => groundAt(x, middle, text)));
    return [...grounds].filter((ground) => contrast(fill, ground) < 4.5)
      .map((ground) => `“${text.textContent}”: ${fill} on ${ground} is ${contrast(fill, ground).toFixed(2)}`);
  });

  // Nothing wider than the window, nothing that is cut off inside its box.
  const overflowing = (patients = true) => {
    const root = document.documentElement;
    const found = [];
    if (root.scrollWidth > root.clientWidth) {
      const wide = [...document.body.querySelectorAll("*")].filter((el) => isShown(el) && box(el).right > root.clientWidth + 1);
      found.push(`${root.scrollWidth} px wide: ${wide.slice(-3).map(named).join(", ")}`);
    }
    // In the admin names of sections are shortened in their heading and stand in full below it.
    for (const el of !patients ? [] : document.querySelectorAll("main :is(p, li, h1, h2, h3, a, button, label, legend, dd, dt, td, span, b, strong), footer *, header *")) {
      const { overflowX } = getComputedStyle(el);
      if (overflowX !== "visible" && !el.closest(".vh, .hp") && el.scrollWidth > el.clientWidth + 1 && isShown(el)) found.push(`cut off: ${named(el)}`);
    }
    return found;
  };
  const under = (rules, look) => {
    const style = document.createElement("style");
    style.textContent = rules;
    document.head.append(style);
    const found = look();
    style.remove();
    return found;
  };
  const SPACED = "* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important } p { margin-block-end: 2em !important }";

  // Neighbours: the later one neither ends above the earlier one nor stands before it in its line.
  const outOfOrder = () => [...document.querySelectorAll("body *")].flatMap((parent) => {
    const inside = [...parent.children].filter((el) => el instanceof HTMLElement && isShown(el) && getComputedStyle(el).position !== "absolute" && !["br", "option"].includes(el.localName));
    return inside.slice(1).flatMap((el, n) => {
      const [a, b] = [box(inside[n]), box(el)];
      const isAbove = b.bottom <= a.top + 1;
      const isBefore = b.right <= a.left + 1 && b.top < a.bottom - 1 && b.bottom > a.top + 1;
      const isNextColumn = isAbove && b.left >= a.right - 1;
      return (isAbove && !isNextColumn) || isBefore ? [`${named(el)} stands before ${named(inside[n])}`] : [];
    });
  });

  const area = (el) => {
    const parts = [el, ...(el.labels || [])].filter(isShown).map(box);
    return { width: Math.max(...parts.map((p) => p.width)), height: Math.max(...parts.map((p) => p.height)) };
  };
  const isInline = (el) => getComputedStyle(el).display === "inline" && [...el.parentElement.childNodes].some((node) => node !== el && node.textContent.trim());
  const OURS = ".btn, .nav a, .util a, .foot li a, .back a, .search input, form :is(input, select, textarea)";
  const small = () => focusable().filter((el) => !el.matches(".skip")).flatMap((el) => {
    const { width, height } = area(el);
    const least = el.matches(OURS) ? 44 : 24;
    const fits = height >= least - 0.5 && width >= 24;
    return fits || (isInline(el) && !el.matches(OURS)) ? [] : [`${named(el)} is ${width.toFixed(0)} × ${height.toFixed(0)} px`];
  });

  const lost = (thickness) => focusable().flatMap((el) => {
    el.focus({ focusVisible: true });
    if (document.activeElement !== el) return [];
    const seen = el.matches("input[type=radio], input[type=checkbox]") && getComputedStyle(el).outlineStyle === "none" && el.labels[0] ? el.labels[0] : el;
    const { outlineStyle, outlineWidth } = getComputedStyle(seen);
    const found = outlineStyle === "none" || parseFloat(outlineWidth) < thickness ? [`no ring: ${named(el)}: ${outlineWidth} ${outlineStyle}`] : [];
    el.scrollIntoView({ block: "nearest", behavior: "instant" });
    const { left, right, top, bottom } = box(el);
    const corners = [[left + 3, top + 3], [right - 3, top + 3], [left + 3, bottom - 3], [right - 3, bottom - 3]];
    const covered = corners.filter(([x, y]) => {
      const at = document.elementFromPoint(x, y);
      return at && at !== el && !el.contains(at) && !at.contains(el) && ![...(el.labels || [])].includes(at);
    });
    return covered.length === 4 ? [...found, `covered: ${named(el)} by ${named(document.elementFromPoint(...corners[0]))}`] : found;
  });

  // Sections of a page may be dragged, or given their place as a number.
  const hasPlaceAsNumber = (el) => el.closest(".inline-related")?.querySelector("input[name$=-ordering]:not([type=hidden])");

  const atLayout = (patients) => {
    const as = (kind, list) => list.map((what) => [kind, what]);
    const found = [
      ...as("reflow", overflowing(patients)),
      ...as("focus", lost(patients ? 3 : 2)),
      ...as("drag", [...document.querySelectorAll("[draggable=true]")].filter((el) => !hasPlaceAsNumber(el)).map(named)),
    ];
    window.scrollTo(0, 0);
    if (!patients) return found;
    document.activeElement.blur();
    return [
      ...found,
      ...as("order", outOfOrder()),
      ...as("target", small()),
      ...as("spacing", under(SPACED, overflowing)),
      ...as("large text", under("html { font-size: 200% !important }", overflowing)),
    ];
  };
  return { withAxe, atDrawings, atLayout };
})();
