extension HTMLReport {
    /// The colours of light and dark, by severity `--ink` on `--tint`; severities are always told in words as well.
    static let style: HTML = """
        :root {
          color-scheme: light dark;
          --page: #fbfbfa; --text: #1d2329; --muted: #59636e; --line: #dfe3e8; --link: #1f5a99; --edge: #9aa5b1;
        }
        .critical, .findings { --ink: #94181b; --tint: #fcebeb; --edge: #c53030; }
        .high { --ink: #8f3a0e; --tint: #fdf0e4; --edge: #dd6b20; }
        .medium, .incomplete { --ink: #6b5000; --tint: #fbf4d9; --edge: #c9a227; }
        .low { --ink: #205a86; --tint: #e8f1f8; --edge: #5b94bf; }
        .info { --ink: #4f5b66; --tint: #eef1f3; --edge: #9aa5b1; }
        .clean { --ink: #1f6138; --tint: #e9f5ed; --edge: #4c9a69; }
        @media screen and (prefers-color-scheme: dark) {
          :root { --page: #15181b; --text: #e3e7eb; --muted: #9aa5b1; --line: #2e353d; --link: #8ab4f0; --edge: #5b6672; }
          .critical, .findings { --ink: #ffb4ab; --tint: #461a1a; --edge: #e5534b; }
          .high { --ink: #ffc08a; --tint: #3f2413; --edge: #d9762f; }
          .medium, .incomplete { --ink: #f0d26b; --tint: #37300f; --edge: #b8962a; }
          .low { --ink: #a3cdf0; --tint: #17304a; --edge: #4a86b8; }
          .info { --ink: #b8c1ca; --tint: #262c33; --edge: #5b6672; }
          .clean { --ink: #9fdcb4; --tint: #16331f; --edge: #4c9a69; }
        }
        * { box-sizing: border-box; }
        body {
          margin: 0 auto; padding: 1.5rem; max-width: 84rem; background: var(--page); color: var(--text);
          font: 14px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; overflow-wrap: anywhere;
        }
        code, .detail, .values, .evidence dd { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: .92em; }
        bdi { direction: ltr; unicode-bidi: isolate; }
        a { color: var(--link); text-underline-offset: .2em; }
        h1, h2, h3, h4, p, dl, dd, ul { margin: 0; }
        p, .techniques { max-width: 62rem; }
        h1 { font-size: 1.6rem; line-height: 1.25; }
        h2 { margin: 2.25rem 0 .6rem; font-size: 1.15rem; }
        h3 { margin: 1.4rem 0 .5rem; font-size: 1rem; }
        h4 { font-size: 1rem; }
        small { font-size: .85em; font-weight: normal; color: var(--muted); }
        .product { color: var(--muted); }
        .verdict {
          margin: 1rem 0; padding: .7rem 1rem; border-left: 4px solid var(--edge); background: var(--tint); color: var(--ink);
        }
        .verdict strong { margin-right: .5em; font-size: 1.15em; }
        .verdict a { color: inherit; }
        dt { color: var(--muted); }
        .facts { display: flex; flex-wrap: wrap; gap: .4rem 1.75rem; }
        .facts dt, .evidence dt { font-size: .85em; }
        nav { display: flex; flex-wrap: wrap; gap: .3rem 1.5rem; margin-top: 1.25rem; padding: .5rem 0; border: solid var(--line); border-width: 1px 0; }
        .wide { overflow-x: auto; margin: .6rem 0; }
        table { border-collapse: collapse; width: 100%; }
        th, td { min-width: 6.5em; padding: .35rem 1rem .35rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
        thead th { color: var(--muted); font-size: .85em; font-weight: 600; vertical-align: bottom; overflow-wrap: normal; }
        tbody th { font-weight: 600; }
        .gaps th { overflow-wrap: normal; }
        .gaps td:nth-child(2) { width: 35%; }
        td ul { padding-left: 1.1em; }
        table.matrix { table-layout: fixed; min-width: 68rem; }
        .matrix th:first-child { width: 17rem; vertical-align: middle; }
        .matrix thead th + th { white-space: normal; }
        .matrix th + th, .matrix td { padding: .35rem .2rem; text-align: center; white-space: nowrap; }
        .matrix td { height: 2.9rem; line-height: 1.25; color: var(--muted); vertical-align: middle; }
        .matrix td[class] { background: var(--tint); color: var(--ink); box-shadow: inset 0 0 0 2px var(--page); }
        .matrix td.unknown { --tint: repeating-linear-gradient(135deg, transparent 0 4px, var(--line) 4px 5px); --ink: var(--text); }
        .matrix a, .matrix b, .matrix em { color: inherit; font-style: normal; font-weight: 600; text-decoration-color: var(--edge); }
        .matrix small { color: inherit; white-space: normal; }
        article { margin: .5rem 0; padding: .6rem 1rem .7rem; border: 1px solid var(--line); border-left: 4px solid var(--edge); }
        article:target { outline: 2px solid var(--edge); }
        .tag { padding: .1em .5em; border-radius: 3px; background: var(--tint); color: var(--ink); font-size: .85em; }
        .kind { color: var(--muted); font-size: .92em; }
        .detail { margin: .4rem 0; }
        .evidence { display: flex; flex-wrap: wrap; gap: .2rem 1.5rem; margin: .4rem 0; }
        .remedy b { margin-right: .4em; }
        .techniques dt { margin-top: .7rem; color: var(--text); font-weight: 600; }
        .techniques code { font-weight: normal; }
        footer { margin-top: 2.5rem; padding-top: .7rem; border-top: 1px solid var(--line); color: var(--muted); font-size: .92em; }
        @media print {
          @page { size: landscape; margin: 12mm; }
          body { max-width: none; padding: 0; font-size: 9pt; background: none; }
          nav { display: none; }
          .wide { overflow: visible; }
          article, tr { break-inside: avoid; }
          h2, h3, h4, dt { break-after: avoid; }
          .verdict, td, .tag { print-color-adjust: exact; }
        }
        """
}
