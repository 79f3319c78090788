/// The parts of a JSON report that tests look at.
package struct ScanReport: Decodable {
    package var verdict: String
    package var findings: [Finding]
    package var gaps: [Gap]
    package var hidden: Int
    package var omitted: Int

    package struct Finding: Decodable {
        package var technique: String
        package var `class`: String
        package var severity: String
        package var declared: String
        package var detail: String
        package var pod: Pod?
        package var container: Container?
        package var task: Task?
        package var evidence: [String: Value]
    }

    /// A value of the evidence.
    package enum Value: Decodable, Equatable {
        case flag(Bool)
        case number(Int64)
        case text(String)
        case list([String])

        package init(from decoder: any Decoder) throws {
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

    package struct Pod: Decodable {
        package var namespace: String?
        package var name: String?
        package var uid: String?
    }

    package struct Container: Decodable {
        package var id: String
        package var name: String?
    }

    package struct Task: Decodable {
        package var pid: Int32
        package var tid: Int32
        package var comm: String
    }

    package struct Gap: Decodable {
        package var kind: String
        package var count: Int
        package var reason: String
        package var examples: [String]
    }

    package func findings(of pod: BenchPod) -> [Finding] { findings.filter { $0.pod?.uid == pod.uid } }

    package func techniques(of pod: BenchPod) -> [String] { findings(of: pod).map(\.technique).sorted() }
}
