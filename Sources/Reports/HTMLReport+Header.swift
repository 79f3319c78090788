import Checks
import NodeModel

extension HTMLReport {
    /// The node, the verdict, and how much was looked at.
    var header: HTML {
        """
        <header>
        <p class="product">breakoutd scan</p>
        <h1>Node \(name: nodeName)</h1>
        <div class="verdict \(report.verdict == .clean && !isClean ? "info" : report.verdict.rawValue)">
        \(lines: ["<p>\(verdict)</p>"] + remarks)
        </div>
        <dl class="facts">
        \(lines: facts)
        </dl>
        </header>
        """
    }

    /// The verdict in words, clean only where there is no finding at all.
    private var verdict: HTML {
        let headline =
            switch report.verdict {
            case .findings: "Findings"
            case .incomplete: "Not fully judged"
            case .clean: report.options.failOn.map { "Nothing at or above \($0.rawValue)" } ?? "No verdict asked for"
            }
        return isClean ? "<strong>\(report.summary)</strong>" : "<strong>\(headline)</strong> \(report.summary)"
    }

    private var isClean: Bool { report.verdict == .clean && report.selected.isEmpty }

    /// What the verdict does not say: unknown is not clean.
    private var remarks: [HTML] {
        var remarks = report.notes(omitted: report.shown.count - findings.count).map { "<p>\($0)</p>" as HTML }
        if !report.gaps.isEmpty {
            let count = NumberText.counted(report.gaps.count, "gap")
            remarks.append("<p><a href=\"#gaps\">\(count)</a>: unknown is not clean.</p>")
        }
        return remarks
    }

    private var facts: [HTML] {
        let node = report.node
        let counts = report.counts
        let time = Timestamp.rfc3339(milliseconds: node.takenAt)
        let facts: [(name: String, value: HTML?)] = [
            ("Scanned", "<time datetime=\"\(time)\">\(self.time)</time>"),
            ("Took", "\(NumberText.seconds(microseconds: node.duration)) s"),
            ("Kernel", node.host.kernel.map { "\($0)" }),
            ("Cgroup", node.host.cgroupVersion.map { "v\($0)" }),
            ("Runtime", node.runtimes.map { "\($0.joined(separator: ", "))" }),
            ("Pods", "\(counts.pods)"), ("Containers", "\(counts.containers)"),
            ("Processes", "\(counts.processes)"), ("Threads", "\(counts.threads)"),
            ("Checks", "\(report.judged.count) of \(Check.all.count)"),
            ("Boot", node.host.bootID.map { "\($0)" }),
        ]
        return facts.map { name, value in "<div><dt>\(name)</dt><dd>\(value ?? "unknown")</dd></div>" }
    }
}

extension HTMLReport {
    /// What could not be judged, and why.
    var gaps: HTML {
        let ended: HTML = report.endedSentence.map { "<p>\($0): that is expected, and no gap.</p>" } ?? ""
        if report.gaps.isEmpty {
            return "\(lines: ["<p>Nothing: whatever the scan was to look for could be judged.</p>", ended])"
        }
        let rows = report.gaps.map { gap -> HTML in
            let rest = gap.count > gap.examples.count && !gap.examples.isEmpty ? ", …" : ""
            return """
                <tr><th scope="row">\(gap.kind.rawValue)</th><td>\(gap.reason)</td><td>\(gap.count)</td>\
                <td class="values">\(HTML.names(gap.examples))\(rest)</td></tr>
                """
        }
        let table = HTML.table(labelledBy: "gaps", ["What", "Why", "How many", "For example"], rows)
        return "\(lines: [table, ended])"
    }

    /// The node's own processes that are in other namespaces than the host's.
    var hostProcesses: HTML {
        guard let tasks = report.hostTasks, !tasks.isEmpty else { return "<p>\(report.hostSentence)</p>" }
        let rows = tasks.map { task -> HTML in
            """
            <tr><th scope="row">\(String(task.pid))</th><td class="values">\(task.executable ?? task.comm)</td>\
            <td>\(task.namespaces.map(\.rawValue).joined(separator: ", "))</td></tr>
            """
        }
        return """
            <p>\(report.hostSentence)</p>
            \(HTML.table(labelledBy: "processes", ["Process", "Program", "Namespaces"], rows))
            """
    }
}
