import Foundation

/// A report of schema breakoutd-report/1, as far as the tests read it.
struct ScanReport: Decodable {
    var schema: String
    var node: NodeFacts
    var counts: Counts
    var hidden: Int
    var omitted: Int
    var gaps: [ReportedGap]
    var verdict: String
    var findings: [ReportedFinding]?

    struct NodeFacts: Decodable {
        var cgroupVersion: Int?
        var runtimes: [String]
    }

    struct Counts: Decodable {
        var pods: Int
        var containers: Int
        var processes: Int
        var threads: Int
        var findings: [String: Int]
    }

    init(_ data: Data) throws { self = try JSONDecoder().decode(ScanReport.self, from: data) }

    /// The findings of a pod.
    func findings(of pod: BenchPod) -> [ReportedFinding] {
        (findings ?? []).filter { $0.pod?.uid == pod.uid || $0.container?.id == pod.container }
    }

    func finding(_ technique: String, of pod: BenchPod) -> ReportedFinding? {
        findings(of: pod).first { $0.technique == technique }
    }

    /// The exit status that belongs to the verdict.
    var exitStatus: Int32? { ["clean": 0, "findings": 1, "incomplete": 3][verdict] }
}

struct ReportedGap: Decodable {
    var kind: String
    var reason: String
    var count: Int
    var examples: [String]
}

struct ReportedFinding: Decodable {
    var id: String
    var technique: String
    var `class`: String
    var severity: String
    var declared: String
    var pod: Pod?
    var container: Container?
    var task: Task?
    var evidence: [String: Value]
    var detail: String

    struct Pod: Decodable, Equatable {
        var namespace: String?
        var name: String?
        var uid: String?
    }

    struct Container: Decodable {
        var name: String?
        var id: String
        var runtime: String?
        var sandbox: Bool
    }

    struct Task: Decodable {
        var pid: Int32
        var tid: Int32
        var comm: String
    }

    enum Value: Decodable, Equatable {
        case flag(Bool)
        case number(Int64)
        case text(String)
        case list([String])

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self = .flag(flag)
            } else if let number = try? container.decode(Int64.self) {
                self = .number(number)
            } else if let text = try? container.decode(String.self) {
                self = .text(text)
            } else {
                self = .list(try container.decode([String].self))
            }
        }
    }
}
