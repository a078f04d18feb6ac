// The playground: act as a shopper of a demo store and watch every slate answer.
//
// It is a client of the public API and of nothing else: each click is a POST /v1/events, each row a
// POST /v1/recommendations, each letter in the search box a POST /v1/search and a POST /v1/search/suggest.  No build step and no library, so that it runs from the server's own folder.
// `attune demo` serves without keys, to this machine only, and writes config.json: the stores and some shoppers.

const HOME_PLACEMENTS = ["home_for_you", "recently_viewed", "buy_again", "home_trending"];
const PRODUCT_PLACEMENTS = ["product_similar", "product_bought_together"];
const CART_PLACEMENTS = ["cart_cross_sell"];
const TITLES = {
  home_for_you: "For you", home_trending: "Trending now", recently_viewed: "Recently viewed", buy_again: "Buy again",
  product_similar: "Similar products", product_bought_together: "Often bought together", cart_cross_sell: "Goes with your cart",
  category_top: "Best of the category",
};
const SLATE_LIMIT = 12;
const ATTEMPTS_MAX = 10;
const LOG_LINES_MAX = 14;
const HITS_MAX = 18;
const FACETS = ["brand", "category"];
const FACET_VALUES_MAX = 8;

const state = { config: null, store: null, products: [], byId: new Map(), shopper: null, open: null, cart: [], shown: new Map(), visit: 0, search: 0, ticked: {}, suggest: 0, active: -1, chooses: [] };
const find = (id) => document.getElementById(id);

function element(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name === "class") node.className = value;
    else if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name in node) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

// Pictures are not part of the data, so each product gets a calm colour of its category and its first letter.
function pictureColour(product) {
  const text = [product.category].flat().join(">") || product.brand || product.title || "";
  let hash = 0;
  for (const letter of text) hash = (hash * 31 + letter.codePointAt(0)) >>> 0;
  return `linear-gradient(135deg, hsl(${hash % 360} 32% 46%), hsl(${(hash + 40) % 360} 34% 34%))`;
}

function money(product) {
  const amount = (value) => new Intl.NumberFormat("en", { style: "currency", currency: product.currency || "EUR" }).format(Number(value));
  if (product.price === undefined || product.price === null) return "";
  const onSale = product.sale_price !== undefined && product.sale_price !== null && Number(product.sale_price) < Number(product.price);
  return onSale ? element("span", {}, amount(product.sale_price), element("s", {}, amount(product.price))) : amount(product.price);
}

// A store that opens just now says when to ask again.
async function request(method, path, body) {
  for (let attempt = 1; ; ++attempt) {
    const response = await fetch(path, {
      method,
      headers: { "x-attune-store": state.store.id, "Content-Type": "application/json" },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const seconds = Number(response.headers.get("Retry-After"));
    if (response.status !== 503 || !seconds || attempt === ATTEMPTS_MAX) return response;
    await new Promise((resolve) => setTimeout(resolve, seconds * 1000));
  }
}

async function call(method, path, body) {
  const started = performance.now();
  const response = await request(method, path, body);
  const text = await response.text();
  const answer = text ? JSON.parse(text) : {};
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${answer.error?.message ?? text}`);
  return { answer, milliseconds: performance.now() - started };
}

function fail(error) {
  find("slates").prepend(element("div", { class: "error", role: "alert" }, error.message));
}

function log(text) {
  find("log").prepend(element("li", {}, text));
  while (find("log").children.length > LOG_LINES_MAX) find("log").lastChild.remove();
}

function identity() {
  const ids = { anonymous_id: state.shopper.anonymous_id };
  if (state.shopper.customer_id) ids.customer_id = state.shopper.customer_id;
  return ids;
}

async function send(type, details, words) {
  const event = { id: crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`, type, occurred_at: Date.now(), ...identity(), ...details };
  const { answer, milliseconds } = await call("POST", "/v1/events", event);
  const rejected = answer.rejected?.length ? `, rejected: ${answer.rejected[0].message}` : "";
  log(`${words} (stored in ${milliseconds.toFixed(0)} ms${rejected})`);
}

async function showWhy(decision, shown) {
  const { answer } = await call("GET", `/v1/decisions/${decision.decision_id}`);
  const product = (answer.products ?? []).find((entry) => entry.product_id === shown.product_id) ?? shown;
  const sources = product.explanation ?? [];
  const rows = sources.map((source) => element("tr", {}, element("td", {}, source.source),
    element("td", { class: "number" }, source.rank === undefined ? "" : `#${source.rank + 1}`),
    element("td", { class: "number" }, Number(source.contribution).toPrecision(3))));
  find("why-body").replaceChildren(
    element("h2", {}, "Why is this shown?"),
    element("p", {}, element("b", {}, shown.product?.title ?? shown.product_id)),
    element("p", {}, shown.reason || "No reason in words."),
    product.ranking ? element("table", {}, ...["text", "popularity", "personal"].map((part) => element("tr", {}, element("td", {}, part),
      element("td", { class: "number" }, Number(product.ranking[part]).toPrecision(3))))) : "",
    rows.length ? element("table", {}, element("tr", {}, element("th", {}, "Source"), element("th", {}, "Rank there"), element("th", {}, "Adds")), ...rows) : "",
    element("p", { class: "muted" }, `Decision ${decision.decision_id}, position ${shown.position + 1}, score ${Number(shown.score).toPrecision(3)}. `,
      answer.replayable ? "Made again just now: the same bytes." : "Too old to be made again here: attune replay does it from the log."));
  find("why").showModal();
}

function card(decision, shown, isNew) {
  const product = { ...state.byId.get(shown.product_id), ...shown.product };
  const open = () => openProduct(shown.product_id, decision, shown).catch(fail);
  return element("article", { class: isNew ? "card new" : "card" },
    element("button", { class: "picture", style: `background:${pictureColour(product)}`, "aria-label": `View ${product.title}`, onclick: open }, (product.title ?? "?").trim()[0] ?? "?"),
    element("div", { class: "text" }, element("div", { class: "title" }, product.title ?? shown.product_id),
      element("div", { class: "price" }, money(product)), element("div", { class: "reason" }, shown.reason ?? "")),
    element("footer", {}, element("span", { class: shown.source?.startsWith("fallback") ? "chip fallback" : "chip" }, shown.source ?? ""),
      element("button", { class: "link", onclick: () => showWhy(decision, shown).catch(fail) }, "Why?")));
}

async function slate(placement, context) {
  const { answer, milliseconds } = await call("POST", "/v1/recommendations", { placement, shopper: identity(), context, limit: SLATE_LIMIT });
  const before = state.shown.get(placement) ?? new Set();
  const isFirst = !state.shown.has(placement);
  state.shown.set(placement, new Set(answer.products.map((shown) => shown.product_id)));
  const changed = answer.products.filter((shown) => !before.has(shown.product_id)).length;
  const cards = answer.products.map((shown) => card(answer, shown, !isFirst && !before.has(shown.product_id)));
  return element("section", { class: "slate" },
    element("header", {}, element("h3", {}, TITLES[placement] ?? placement),
      element("span", { class: "meta" }, `${placement} · ${milliseconds.toFixed(0)} ms${isFirst ? "" : ` · ${changed} new`}`),
      answer.fallback ? element("span", { class: "chip fallback" }, `fallback: ${answer.fallback}`) : ""),
    answer.notice ? element("p", { class: "notice" }, answer.notice) : "",
    cards.length ? element("div", { class: "row" }, ...cards) : element("p", { class: "muted" }, "Nothing yet for this shopper."));
}

async function drawSlates() {
  const visit = ++state.visit;
  const cart = state.cart.map((line) => line.product_id);
  const onPage = state.open ? { product_ids: [state.open], cart } : { cart };
  const wanted = [...(state.open ? PRODUCT_PLACEMENTS : []), ...(cart.length ? CART_PLACEMENTS : []), ...HOME_PLACEMENTS];
  const rows = await Promise.all(wanted.map((placement) => slate(placement, onPage)));
  if (visit === state.visit) find("slates").replaceChildren(...rows);
}

async function drawProfile() {
  const id = state.shopper.customer_id ?? state.shopper.anonymous_id;
  const kind = state.shopper.customer_id ? "customer" : "anonymous";
  let profile = null;
  try {
    profile = (await call("GET", `/v1/shoppers/${encodeURIComponent(id)}?kind=${kind}`)).answer;
  } catch (error) {
    find("profile").replaceChildren(element("p", { class: "muted" }, "Nothing yet: click a product."));
    return;
  }
  const features = profile.features;
  const affinities = [...features.affinities.categories, ...features.affinities.brands];
  const listed = affinities.sort((a, b) => b.weight - a.weight).slice(0, 8);
  const strongest = listed[0]?.weight || 1;
  find("profile").replaceChildren(
    element("p", { class: "muted" }, `${features.views} views, ${features.orders} orders, session of ${features.session?.products.length ?? 0} products`),
    ...listed.map((entry) => element("div", { class: "meter" }, element("span", {}, entry.value), element("i", { style: `width:${Math.max(4, 100 * entry.weight / strongest)}%` }))));
}

function drawCart() {
  const lines = state.cart.map((line) => element("li", { class: "line" }, state.byId.get(line.product_id)?.title ?? line.product_id,
    element("button", { class: "link", onclick: () => removeFromCart(line).catch(fail) }, "Remove")));
  find("cart").replaceChildren(lines.length ? element("ul", {}, ...lines) : element("p", { class: "muted" }, "Empty."),
    element("div", { class: "actions" }, element("button", { class: "button", disabled: !lines.length, onclick: () => buy().catch(fail) }, "Buy it all")));
}

async function refresh() {
  drawCart();
  await Promise.all([drawSlates(), drawProfile()]);
}

async function openProduct(productId, decision, shown) {
  const line = { product_id: productId };
  if (decision) Object.assign(line, { decision_id: decision.decision_id, position: shown.position });
  const product = { ...state.byId.get(productId), ...shown?.product };
  if (decision) await send("slate_clicked", { products: [line] }, `Clicked "${product.title}" in ${decision.placement}`);
  await send("product_viewed", { products: [line] }, `Viewed "${product.title ?? productId}"`);
  state.open = productId;
  const box = find("product");
  box.hidden = false;
  box.replaceChildren(
    element("div", { class: "picture", style: `background:${pictureColour(product)}` }, (product.title ?? "?").trim()[0]),
    element("div", { class: "detail" }, element("h1", {}, product.title ?? productId),
      element("div", { class: "muted" }, [[product.category].flat().filter(Boolean).join(" › "), product.brand, productId].filter(Boolean).join(" · ")),
      element("div", { class: "price" }, money(product)),
      element("div", { class: "actions" }, element("button", { class: "button", onclick: () => addToCart(productId).catch(fail) }, "Add to cart"),
        element("button", { class: "button plain", onclick: () => { state.open = null; box.hidden = true; refresh().catch(fail); } }, "Back to the home page"))));
  window.scrollTo({ top: 0, behavior: "smooth" });
  await refresh();
}

async function addToCart(productId) {
  const product = state.byId.get(productId) ?? {};
  state.cart.push({ product_id: productId, quantity: 1, price: product.price });
  await send("product_added", { products: [{ product_id: productId, quantity: 1, price: product.price }], currency: state.store.currency }, `Added "${product.title ?? productId}" to the cart`);
  await refresh();
}

async function removeFromCart(line) {
  state.cart = state.cart.filter((other) => other !== line);
  await send("product_removed", { products: [{ product_id: line.product_id, quantity: 1 }] }, "Removed a product from the cart");
  await refresh();
}

async function buy() {
  const products = state.cart;
  state.cart = [];
  await send("order_completed", { order_id: `playground-${Date.now()}`, products, currency: state.store.currency }, `Bought ${products.length} product${products.length === 1 ? "" : "s"}`);
  await refresh();
}

function chooseShopper(index) {
  const known = state.store.shoppers[index];
  // A new browser id for each visit: the profile of a newcomer starts empty.
  const anonymousId = `playground-${Date.now().toString(36)}-${Math.floor(Math.random() * 1e9).toString(36)}`;
  state.shopper = { anonymous_id: known?.anonymous_id ?? anonymousId, ...(known?.customer_id ? { customer_id: known.customer_id } : {}) };
  Object.assign(state, { open: null, cart: [], shown: new Map(), ticked: {} });
  find("find").value = "";
  closeSuggestions();
  find("search").hidden = true;
  find("product").hidden = true;
  find("log").replaceChildren();
  refresh().catch(fail);
}

async function chooseStore(index) {
  state.store = state.config.stores[index];
  state.products = await (await fetch(state.store.products_url)).json();
  state.byId = new Map(state.products.map((product) => [product.product_id, product]));
  [...find("stores").children].forEach((button, i) => button.setAttribute("aria-pressed", String(i === index)));
  find("about").replaceChildren(state.store.label ? element("b", {}, `${state.store.label} `) : "", state.store.about);
  find("shopper").replaceChildren(element("option", { value: "-1" }, "A new visitor"),
    ...state.store.shoppers.map((shopper, i) => element("option", { value: String(i) }, shopper.label)));
  chooseShopper(-1);
}

// Highlights come as HTML in which everything else is escaped; only its marks are taken over.
function marked(html, text) {
  if (!html) return text;
  const parsed = new DOMParser().parseFromString(html, "text/html").body;
  return element("span", {}, ...[...parsed.childNodes].map((node) => (node.nodeName === "EM" ? element("em", {}, node.textContent) : node.textContent)));
}

function facetBox(facet) {
  const tick = (value, isTicked) => {
    const others = (state.ticked[facet.field] ?? []).filter((other) => other !== value);
    state.ticked[facet.field] = isTicked ? [...others, value] : others;
    search().catch(fail);
  };
  return element("fieldset", {}, element("legend", {}, facet.field), ...facet.values.map((entry) => element("label", {},
    element("input", { type: "checkbox", checked: entry.selected === true, onchange: (event) => tick(entry.value, event.target.checked) }),
    element("span", {}, entry.value), element("i", {}, String(entry.count)))));
}

function hitCard(answer, hit) {
  const shown = { ...hit, source: "search", reason: "" };
  const node = card({ decision_id: answer.decision_id, placement: "search" }, shown, false);
  node.querySelector(".title").replaceChildren(marked(hit.highlights?.title, hit.product.title ?? hit.product_id));
  return node;
}

// ---- Suggestions: a combobox with a list, as the ARIA Authoring Practices describe it ----

function closeSuggestions() {
  state.suggest++;
  state.active = -1;
  find("suggestions").hidden = true;
  find("find").setAttribute("aria-expanded", "false");
  find("find").removeAttribute("aria-activedescendant");
}

function activate(index) {
  const options = [...find("suggestions").querySelectorAll("[role=option]")];
  state.active = options.length ? (index + options.length + 1) % (options.length + 1) : -1;
  if (state.active === options.length) state.active = -1;  // Between the last and the first: what was typed.
  options.forEach((option, i) => option.setAttribute("aria-selected", String(i === state.active)));
  const active = options[state.active];
  if (!active) return find("find").removeAttribute("aria-activedescendant");
  find("find").setAttribute("aria-activedescendant", active.id);
  active.scrollIntoView({ block: "nearest" });
}

// A search that was meant: it counts in the analytics, unlike what is asked while typing.
function submit(query, ticked = {}) {
  find("find").value = query;
  state.ticked = ticked;
  closeSuggestions();
  search(false).catch(fail);
}

function suggestionsOf(answer) {
  const query = find("find").value.trim();
  const texts = (list, kind) => list.map((one) => ({ label: marked(one.highlighted, one.text), kind, choose: () => submit(one.text) }));
  return [
    ...texts(answer.recent, "searched before"),
    ...texts(answer.queries.filter((one) => !answer.recent.some((recent) => recent.text === one.text)), ""),
    ...answer.categories.map((one) => ({ label: one.path.join(" › "), kind: `category · ${one.count}`, choose: () => submit(query, { category: [one.path.join(" > ")] }) })),
    ...answer.brands.map((one) => ({ label: one.brand, kind: `brand · ${one.count}`, choose: () => submit(query, { brand: [one.brand] }) })),
  ];
}

async function suggest() {
  const turn = ++state.suggest;
  const { answer } = await call("POST", "/v1/search/suggest", { query: find("find").value, shopper: identity(), limits: { products: 0, queries: 6 } });
  if (turn !== state.suggest) return;
  const suggestions = suggestionsOf(answer);
  // The press of the mouse, not its click: the field keeps the focus.
  find("suggestions").replaceChildren(...suggestions.map((one, i) => element("li", { role: "option", id: `suggestion-${i}`, "aria-selected": "false",
    onmousedown: (event) => { event.preventDefault(); one.choose(); } }, element("span", {}, one.label), element("i", {}, one.kind))));
  state.chooses = suggestions.map((one) => one.choose);
  state.active = -1;
  find("find").removeAttribute("aria-activedescendant");
  find("suggestions").hidden = suggestions.length === 0;
  find("find").setAttribute("aria-expanded", String(suggestions.length > 0));
}

function onKey(event) {
  const isOpen = !find("suggestions").hidden;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!isOpen) return suggest().catch(fail);
    return activate(state.active + (event.key === "ArrowDown" ? 1 : -1));
  }
  if (event.key === "Escape" && isOpen) {
    event.preventDefault();  // The first one closes the list, the next empties the field.
    return closeSuggestions();
  }
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (isOpen && state.active >= 0) return state.chooses[state.active]();
  submit(find("find").value.trim(), state.ticked);
}

// As the shopper types: an answer that a later letter has overtaken is not drawn.
async function search(typing = true) {
  const query = find("find").value.trim();
  const turn = ++state.search;
  const box = find("search");
  if (!query) {
    state.ticked = {};
    box.hidden = true;
    return;
  }
  const { answer, milliseconds } = await call("POST", "/v1/search", { query, typing, shopper: identity(), limit: HITS_MAX, selected: state.ticked,
    facets: FACETS.map((field) => ({ field, limit: FACET_VALUES_MAX })), highlight: ["title"] });
  if (turn !== state.search) return;
  box.hidden = false;
  box.replaceChildren(element("section", { class: "slate" },
    element("header", {}, element("h3", {}, `${answer.total} found`), element("span", { class: "meta" }, `search · ${milliseconds.toFixed(0)} ms, ${answer.took_ms} of it in the engine`),
      answer.corrected_query ? element("span", { class: "chip" }, `read as: ${answer.corrected_query}`) : "",
      answer.matched_by !== "all_words" ? element("span", { class: "chip fallback" }, answer.matched_by.replace("_", " ")) : ""),
    element("div", { class: "found" }, element("div", {}, ...answer.facets.filter((facet) => facet.values.length > 0).map(facetBox)),
      answer.hits.length ? element("div", { class: "hits" }, ...answer.hits.map((hit) => hitCard(answer, hit))) : element("p", { class: "muted" }, "Nothing is called so."))));
}

function onFind() {
  const chosen = find("find").value;
  if (!state.byId.has(chosen)) {
    suggest().catch(fail);
    return search().catch(fail);
  }
  closeSuggestions();
  find("find").value = "";
  find("search").hidden = true;
  return openProduct(chosen).catch(fail);
}

async function start() {
  state.config = await (await fetch("config.json")).json();
  find("stores").replaceChildren(...state.config.stores.map((store, i) => element("button", { "aria-pressed": "false", onclick: () => chooseStore(i).catch(fail) }, store.title)));
  find("shopper").addEventListener("change", (event) => chooseShopper(Number(event.target.value)));
  find("find").addEventListener("input", onFind);
  find("find").addEventListener("keydown", onKey);
  find("find").addEventListener("blur", closeSuggestions);
  await chooseStore(0);
}

start().catch(fail);
