// Improvements only: every page works without this file. No inline code, no HTML from strings (Trusted Types): a fresh
// page is parsed by the browser itself (XMLHttpRequest's "document") and its nodes are moved over.
"use strict";

(() => {
	const say = (text) => {
		live.textContent = "";
		setTimeout(() => { live.textContent = text; }, 50);
	};
	const live = document.createElement("p");
	live.className = "hide";
	live.setAttribute("role", "status");
	document.body.append(live);

	// The parts as the server made them, to see what changes
	const parts = (root) => [...root.querySelectorAll("[data-part]")].map((part) => [part, part.innerHTML]);
	const before = new Map(parts(document).map(([part, text]) => [part.id, text]));

	// Copy buttons
	const withCopy = (root) => {
		if (!navigator.clipboard)
			return;
		for (const code of root.querySelectorAll(".addr code, .cmd code")) {
			const text = code.textContent;
			const button = document.createElement("button");
			button.type = "button";
			button.className = "copy";
			button.title = "Copy";
			// A secret is not read out
			const what = code.dataset.name || text;
			button.setAttribute("aria-label", "Copy " + what);
			// Where rows are links, Tab goes from device to device; the same button is on the device's page.
			if (code.closest(".list"))
				button.tabIndex = -1;
			button.addEventListener("click", async () => {
				try {
					await navigator.clipboard.writeText(text);
				} catch {
					return;
				}
				button.classList.add("done");
				say("Copied " + what);
				setTimeout(() => button.classList.remove("done"), 1500);
			});
			code.after(button);
		}
	};
	withCopy(document);

	// A form goes off once: a second click would ask for the same again
	document.addEventListener("submit", (event) => {
		const form = event.target;
		if (form.method !== "post")
			return;
		if (form.dataset.sent)
			event.preventDefault();
		form.dataset.sent = "1";
		setTimeout(() => { delete form.dataset.sent; }, 5000);
	});

	// The name, checked while it is typed
	const name = document.querySelector("[data-check]");
	if (name) {
		const line = document.getElementById("name-error");
		const first = name.value;
		let timer = 0;
		let turn = 0;
		name.addEventListener("input", () => {
			clearTimeout(timer);
			timer = setTimeout(async () => {
				const mine = ++turn;
				if (name.value === first || !name.value) {
					line.textContent = "";
					name.removeAttribute("aria-invalid");
					return;
				}
				const answer = await fetch(name.dataset.check + "?name=" + encodeURIComponent(name.value)).catch(() => null);
				if (!answer || mine !== turn)
					return;
				const bad = answer.status === 422;
				line.className = bad ? "error" : "good";
				line.textContent = bad || answer.ok ? await answer.text() : "";
				name.toggleAttribute("aria-invalid", bad);
				if (bad)
					name.setAttribute("aria-invalid", "true");
			}, 300);
		});
	}

	// Live refresh: only while somebody looks, and only what changed
	const every = Number(document.body.dataset.live) * 1000;
	if (!every)
		return;
	let tag = "";
	let timer = 0;
	const url = new URL(location.href);
	url.searchParams.delete("done");
	url.hash = "";
	const here = url.href;
	const busy = (part) => {
		const at = document.activeElement;
		return part.contains(at) && at.matches("input, select, textarea, button") && !at.matches(".copy");
	};
	// Where the focus is, in words that fit the fresh copy too
	const place = (part) => {
		const at = document.activeElement;
		return at && part.contains(at) && at.getAttribute("href");
	};
	const swap = (fresh) => {
		for (const [part, text] of parts(fresh)) {
			const old = document.getElementById(part.id);
			if (!old || before.get(part.id) === text || busy(old))
				continue;
			before.set(part.id, text);
			const href = place(old);
			const copy = document.adoptNode(part);
			withCopy(copy);
			old.replaceChildren(...copy.childNodes);
			if (href)
				[...old.querySelectorAll("a")].find((a) => a.getAttribute("href") === href)?.focus({ preventScroll: true });
		}
		// What the person decides by is what is shown now, except where typing has begun.
		const seen = fresh.querySelector("input[name=seen]");
		if (seen && (!name || name.value === name.defaultValue))
			for (const input of document.querySelectorAll("form:not([data-part] form) input[name=seen]"))
				input.value = seen.value;
	};
	const look = () => {
		const request = new XMLHttpRequest();
		request.open("GET", here);
		request.responseType = "document";
		request.timeout = 10000;
		if (tag)
			request.setRequestHeader("If-None-Match", tag);
		request.onload = () => {
			// Asking for the page of a 304 would make the browser show its own XML error, which the CSP forbids
			const page = request.status === 200 ? request.responseXML : null;
			if (request.responseURL.split("#")[0] !== here) {
				location.assign(request.responseURL);
				return;
			}
			if (page) {
				tag = request.getResponseHeader("ETag") || "";
				if (document.body.dataset.live !== page.body.dataset.live)
					location.reload();
				else
					swap(page);
			}
			again();
		};
		request.onerror = request.ontimeout = again;
		request.send();
	};
	const again = () => {
		clearTimeout(timer);
		if (!document.hidden)
			timer = setTimeout(look, every);
	};
	document.addEventListener("visibilitychange", () => {
		clearTimeout(timer);
		if (!document.hidden)
			look();
	});
	again();
})();
