import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import PodLogs

/// The listing of case 13, by path below the log tree.
private struct Listing {
    static let root = "/var/log/pods"
    var directories: [String] = []
    var entries: [(pod: String, container: String, entry: PodLogEntry)] = []

    init(_ lines: [String]) {
        for line in lines {
            let words = line.split(separator: " ", maxSplits: 1).map(String.init)
            let path = words[1].components(before: " -> ")
            guard path.hasPrefix(Self.root + "/") else { continue }
            let parts = path.dropFirst(Self.root.count + 1).split(separator: "/").map(String.init)
            if words[0] == "d", parts.count == 1 { directories.append(parts[0]) }
            guard words[0] != "d", parts.count == 3 else { continue }
            let target = words[1].components(after: " -> ")?.components(before: " (")
            let entry = PodLogEntry(name: parts[2], kind: words[0] == "l" ? .link : .regular, linkTarget: target)
            entries.append((parts[0], parts[1], entry))
        }
    }

    /// The logs of every container of a pod's directory.
    func containers(of pod: String) -> [ContainerLogs] {
        let names = Set(entries.filter { $0.pod == pod }.map(\.container)).sorted()
        return names.map { name in
            ContainerLogs(
                name: name, entries: entries.filter { $0.pod == pod && $0.container == name }.map(\.entry),
                directory: "\(Self.root)/\(pod)/\(name)", logTrees: [Self.root])
        }
    }
}

extension String {
    fileprivate func components(before separator: String) -> String {
        firstRange(of: separator).map { String(self[..<$0.lowerBound]) } ?? self
    }

    fileprivate func components(after separator: String) -> String? {
        firstRange(of: separator).map { String(self[$0.upperBound...]) }
    }
}

@Suite(.enabled(if: SharedCase.isAvailable, "the cases from bug reports are not here"))
struct SharedCasesTests {
    private struct Answer: Decodable {
        var input: String
        var namespace: String?
        var pod: String?
        var uid: String?
        var live: [String: String]?
        var rotated: [String]?
        var ignore: [String]?
        var previousInstance: [String]?
        var staticPod: Bool?
        var linkTarget: String?
        var suspiciousLink: String?
    }

    @Test func logDirectories() throws {
        let shared = SharedCase("13-log-dir-names")
        let listing = Listing(try shared.lines("listing.txt"))
        let answers = try shared.answers(as: Answer.self)
        #expect(Set(answers.map(\.input)) == Set(listing.directories))
        for answer in answers {
            let pod = PodLogName.pod(answer.input)
            let identity = PodIdentity(namespace: answer.namespace, name: answer.pod, uid: answer.uid)
            #expect((pod ?? PodIdentity()) == identity, "\(answer.input)")
            let directory = PodLogDirectory(name: answer.input, pod: pod)
            #expect(directory.isStaticPod == answer.staticPod ?? false, "\(answer.input)")
            let containers = listing.containers(of: answer.input)
            if let live = answer.live {
                let found = containers.compactMap { logs in logs.live.map { (logs.name, $0) } }
                #expect(Dictionary(uniqueKeysWithValues: found) == live, "\(answer.input)")
            }
            if let rotated = answer.rotated { #expect(containers.flatMap(\.rotated) == rotated) }
            if let ignore = answer.ignore { #expect(containers.flatMap(\.ignored) == ignore) }
            if let previous = answer.previousInstance { #expect(containers.flatMap(\.previous) == previous) }
            let targets = listing.entries.filter { $0.pod == answer.input }.compactMap(\.entry.linkTarget)
            let link = "\(Listing.root)/\(answer.input)/container/0.log"
            let odd = targets.filter { !PodLogLinks.isOrdinary($0, of: link, logTrees: [Listing.root]) }
            if answer.linkTarget != nil { #expect(odd.isEmpty && targets.count == 1, "\(answer.input)") }
            if let suspicious = answer.suspiciousLink { #expect(odd == [suspicious]) }
        }
    }
}
