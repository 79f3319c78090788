import Checks
import TestSupport

extension HTMLReportTests {
    /// The page of the quiet node with one finding and one gap.
    static let wholePage = """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <title>breakoutd: ip-10-10-1-67, 2023-11-14 22:13:20 UTC</title>
        <style>
        STYLE
        </style>
        </head>
        <body>
        <header>
        <p class="product">breakoutd scan</p>
        <h1>Node <bdi>ip-10-10-1-67</bdi></h1>
        <div class="verdict findings">
        <p><strong>Findings</strong> 0 critical, 1 high, 0 medium in 1 of 1 pod by 0 of 116 checks.</p>
        <p><a href="#gaps">1 gap</a>: unknown is not clean.</p>
        </div>
        <dl class="facts">
        <div><dt>Scanned</dt><dd><time datetime="2023-11-14T22:13:20.000Z">2023-11-14 22:13:20 UTC</time></dd></div>
        <div><dt>Took</dt><dd>0.09 s</dd></div>
        <div><dt>Kernel</dt><dd>6.1.0</dd></div>
        <div><dt>Cgroup</dt><dd>v2</dd></div>
        <div><dt>Runtime</dt><dd>containerd</dd></div>
        <div><dt>Pods</dt><dd>1</dd></div>
        <div><dt>Containers</dt><dd>2</dd></div>
        <div><dt>Processes</dt><dd>4</dd></div>
        <div><dt>Threads</dt><dd>5</dd></div>
        <div><dt>Checks</dt><dd>0 of \(Check.all.count)</dd></div>
        <div><dt>Boot</dt><dd>6f0c6c6e-3b53-4b13-9a4c-6a1f0a0a7a01</dd></div>
        </dl>
        </header>
        <nav aria-label="Sections">
        <a href="#gaps">Not judged (1 gap)</a>
        <a href="#matrix">Pods</a>
        <a href="#declared">Declared and actual</a>
        <a href="#findings">Findings (1)</a>
        <a href="#techniques">Techniques</a>
        </nav>
        <main>
        <section aria-labelledby="gaps">
        <h2 id="gaps">Not judged</h2>
        <div class="wide" role="group" aria-labelledby="gaps" tabindex="0">
        <table class="gaps" aria-labelledby="gaps">
        <thead><tr><th scope="col">What</th><th scope="col">Why</th>\
        <th scope="col">How many</th><th scope="col">For example</th></tr></thead>
        <tbody>
        <tr><th scope="row">process</th><td>permission denied</td><td>2</td><td class="values"><bdi>4711</bdi>, …</td></tr>
        </tbody>
        </table>
        </div>
        </section>
        <section aria-labelledby="matrix">
        <h2 id="matrix">Pods and what they share with the node</h2>
        <p>The worst finding of each kind, whether it was asked for, and how many there are. – nothing found, ? not
        judged: there may be something.</p>
        <div class="wide" role="group" aria-labelledby="matrix" tabindex="0">
        <table class="matrix" aria-labelledby="matrix">
        <thead><tr><th scope="col">Pod</th><th scope="col">Host paths</th></tr></thead>
        <tbody>
        <tr><th scope="row"><bdi>shop/web-0</bdi></th><td class="high">\
        <a href="#f-f-host-path-etc">high</a><br><small>declared-by-runtime</small></td></tr>
        </tbody>
        </table>
        </div>
        </section>
        <section aria-labelledby="declared">
        <h2 id="declared">Declared and actual</h2>
        <p>The Kubernetes API was not asked (--api). What pods were admitted with is not
        known; “declared-by-runtime” is the word of the runtime's record. The actual level is the strictest Pod Security
        level that a pod would meet with what it has.</p>
        <div class="wide" role="group" aria-labelledby="declared" tabindex="0">
        <table class="declared" aria-labelledby="declared">
        <thead><tr><th scope="col">Actual level</th><th scope="col">Pods</th><th scope="col">Which</th></tr></thead>
        <tbody>
        <tr><th scope="row">baseline</th><td>1</td><td><bdi>shop/web-0</bdi></td></tr>
        </tbody>
        </table>
        </div>
        </section>
        <section aria-labelledby="findings">
        <h2 id="findings">Findings</h2>
        <section class="group">
        <h3><bdi>shop/web-0</bdi> <small><bdi>container web</bdi>, id <code>a1a1a1a1a1a1a</code>, \
        image <bdi>registry.example/web:1</bdi>, of ReplicaSet <bdi>web</bdi>, service account <bdi>web</bdi></small></h3>
        <article id="f-f-host-path-etc" class="high">
        <h4><span class="tag">high</span> Title of host-path-etc</h4>
        <p class="kind"><a href="#t-host-path-etc"><code>host-path-etc</code></a>
        declared-by-runtime · exposure · ATT&amp;CK T1611</p>
        <p class="detail">/etc at /host &amp; &lt;more&gt;</p>
        <dl class="evidence">
        <div><dt>process</dt><dd>4100, thread 4101 (web-worker)</dd></div>
        <div><dt>program</dt><dd>/bin/web</dd></div>
        <div><dt>user</dt><dd>0</dd></div>
        <div><dt>parents</dt><dd>900 containerd-shim ← 1 systemd</dd></div>
        <div><dt>capabilities</dt><dd>41</dd></div>
        <div><dt>masked</dt><dd>false</dd></div>
        <div><dt>paths</dt><dd>/a</dd></div>
        <div><dt>text</dt><dd>x</dd></div>
        <div><dt>id</dt><dd>f-host-path-etc</dd></div>
        </dl>
        <p class="remedy"><b>What to do</b> Look at the pod and remove it.</p>
        </article>
        </section>
        </section>
        <section aria-labelledby="techniques">
        <h2 id="techniques">Techniques</h2>
        <dl class="techniques">
        <dt id="t-host-path-etc">Title of host-path-etc <code>host-path-etc</code></dt>
        <dd>It means that host-path-etc is seen on the node.</dd>
        </dl>
        </section>
        </main>
        <footer>
        <p>Made by <code>breakoutd scan --format html</code>. Characters that cannot be seen, or that change how others
        read, are written out, such as <code>\\u{202e}</code>; long texts are cut. <code>--format json</code> has
        everything whole, under the same ids.</p>
        </footer>
        </body>
        </html>

        """
}
