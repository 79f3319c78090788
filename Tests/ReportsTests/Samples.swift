import Checks
import Findings
import NodeModel
import TestSupport
import Testing

@testable import Reports

extension Technique {
    /// A technique of the tests' own, so that they do not depend on the real table.
    static func sample(
        _ id: String, _ findingClass: FindingClass = .exposure, weight: Weight = .rootEquivalent,
        attack: [String] = ["T1611"]
    ) -> Technique {
        Technique(
            id: id, title: "Title of \(id)", class: findingClass, weight: weight, attack: attack,
            messageID: "0123456789abcdef0123456789abcdef", reason: "Reason of \(id).",
            meaning: "It means that \(id) is seen on the node.", remedy: "Look at the pod and remove it.")
    }
}

extension Finding {
    /// A finding on the quiet node's container with everything known.
    static func sample(
        _ id: String = "privileged", _ severity: Severity = .critical, _ detail: String = "41 capabilities"
    ) -> Finding {
        Finding(
            id: "f-\(id)", technique: .sample(id), severity: severity, declared: .declaredByRuntime, pod: QuietIDs.pod,
            container: ContainerSummary(
                id: QuietIDs.container, name: "web", image: "registry.example/web:1", runtime: .containerd,
                isSandbox: false),
            task: TaskSummary(
                pid: 4100, tid: 4101, startTime: 5101, comm: "web-worker", executable: "/bin/web", uid: 0,
                parents: ["900 containerd-shim", "1 systemd"]),
            evidence: [
                "capabilities": .number(41), "masked": .flag(false), "paths": .list(["/a"]), "text": .text("x"),
            ],
            detail: detail)
    }

    /// This finding after one change.
    func changing(_ change: (inout Finding) -> Void) -> Finding {
        var copy = self
        change(&copy)
        return copy
    }

    /// This finding in another pod, which has one container of its own.
    func moved(to name: String, namespace: String = "shop", container: String = "web") -> Finding {
        changing {
            $0.id += "-\(name)"
            $0.pod = PodIdentity(namespace: namespace, name: name, uid: "uid-\(name)")
            $0.container = ContainerSummary(
                id: String(("c0ffee" + name + String(repeating: "0", count: 64)).prefix(64)), name: container,
                image: nil, runtime: .containerd, isSandbox: false)
        }
    }
}

extension Report {
    /// A report on the quiet node with these findings, which are given worst first.
    static func sample(
        _ findings: [Finding], gaps: [Gap] = [], node: Node = .quiet, judged: [Check] = Check.all,
        _ options: ReportOptions = ReportOptions()
    ) -> Report {
        Report(
            Judgement(node: node, findings: findings, gaps: gaps, judged: Set(judged.map(\.technique.id))), options)
    }

    /// Many findings in many pods, worst first.
    static func large(_ count: Int, _ options: ReportOptions = ReportOptions()) -> Report {
        let findings = (0..<count).map { number in
            let severity = Severity.allCases[4 - number * 5 / max(count, 1)]
            return Finding.sample("technique-\(number)", severity, "value \(number)").moved(to: "web-\(number / 12)")
        }
        return .sample(findings, judged: [], options)
    }
}

/// A text that a container may choose to break an output, and what becomes of it on a terminal.
struct Hostile: Sendable, CustomTestStringConvertible {
    var text: String
    var escaped: String

    init(_ text: String, _ escaped: String) {
        self.text = text
        self.escaped = escaped
    }

    /// Never the text itself: the tests' own output is read on a terminal, too.
    var testDescription: String { String(escaped.prefix(60)) }

    static let texts: [Hostile] = [
        Hostile("plain", "plain"),
        Hostile("", ""),
        Hostile("größer 日本 🙂", "größer 日本 🙂"),
        Hostile("a\nb", "a\\nb"),
        Hostile("a\r\nb", "a\\r\\nb"),
        Hostile("a\tb", "a\\tb"),
        Hostile("\u{0}", "\\x00"),
        Hostile("\u{1b}[2J\u{7}", "\\x1b[2J\\x07"),
        Hostile("\u{7f}", "\\x7f"),
        Hostile("\u{85}\u{9b}31m", "\\u{85}\\u{9b}31m"),
        Hostile("a\u{202e}b\u{202c}", "a\\u{202e}b\\u{202c}"),
        Hostile("\u{2066}\u{2069}\u{2065}", "\\u{2066}\\u{2069}\\u{2065}"),
        Hostile("\u{200b}\u{200d}\u{feff}\u{200f}", "\\u{200b}\\u{200d}\\u{feff}\\u{200f}"),
        Hostile("\u{2028}\u{2029}", "\\u{2028}\\u{2029}"),
        Hostile("\u{61c}\u{ad}", "\\u{61c}\\u{ad}"),
        Hostile("\u{e0041}", "\\u{e0041}"),
        Hostile("a\u{a0}\u{3000}b", "a\\u{a0}\\u{3000}b"),
        Hostile("\u{fe0f}\u{34f}\u{180e}\u{e0100}", "\\u{fe0f}\\u{34f}\\u{180e}\\u{e0100}"),
        Hostile("\u{3164}\u{115f}\u{ffa0}\u{2800}", "\\u{3164}\\u{115f}\\u{ffa0}\\u{2800}"),
        Hostile("\u{fffe}\u{e01ff}", "\\u{fffe}\\u{e01ff}"),
        Hostile("e\u{301}", "e\u{301}"),
        Hostile("back\\x41slash \"quoted\"", "back\\x41slash \"quoted\""),
    ]

    /// Wide characters without a space.
    static let wide = Hostile(String(repeating: "長", count: 99), "wide")

    /// Many characters that take more bytes when they are escaped.
    static let long = Hostile(String(repeating: "\u{1b}\u{202e}", count: 20_000), "long")

    /// All of them in one.
    static let all = Hostile(texts.map(\.text).joined(separator: " "), "all")
}

extension Report: CustomTestStringConvertible {
    package var testDescription: String { "\(selected.count) findings, \(gaps.count) gaps" }
}

extension Finding: CustomTestStringConvertible {
    package var testDescription: String { "\(technique.id) \(severity)" }
}

extension ReportOptions: CustomTestStringConvertible {
    package var testDescription: String { "options" }
}
