import BenchSupport
import Foundation
import Testing

extension RealContainers {
    /// A daemon that is killed at any moment, again and again, while pods break out.
    @Suite(.enabled(if: Bench.hasNodeImage, Bench.nodeReason)) struct SuddenDeathTests {
        private static let pods = (1...20).map { "escape-\($0)" }
        private static let statePath = "/var/lib/breakoutd/state.json"

        /// The part of the state that says what was told.
        private struct State: Decodable {
            struct Entry: Decodable {
                struct Finding: Decodable { var id: String }
                var finding: Finding
                var told: String?
            }

            var open: [Entry]

            var told: [String] { open.filter { $0.told != nil }.map(\.finding.id) }
        }

        /// Every pod's escape is told in the end, and what the state says was told has been told and is not told again.
        @Test(arguments: ["v1", "v2"]) func nothingIsLostOrToldTwice(version: String) throws {
            try SystemdNode.with(version) { node in
                try node.installUnits()
                try node.restart(service: "Restart=no")
                let load = try node.start("sh", "-ec", Self.load)
                var toldBefore: [String: Int] = [:]
                for _ in 0..<3 {
                    let wanted = try Self.raised(node.journal()).count + Int.random(in: 1...4)
                    try node.awaitJournal { Self.raised($0).count >= min(wanted, Self.pods.count) }
                    try node.succeed("systemctl", "kill", "-s", "KILL", "breakoutd")
                    try node.await("its end") { try node.run("systemctl", "is-failed", "breakoutd").status == 0 }
                    let entries = try node.journal()
                    for id in try Self.state(of: node)?.told ?? [] {
                        let count = Self.count(id, in: entries)
                        #expect(count > 0 && count == toldBefore[id] ?? count, "\(id)")
                        toldBefore[id] = count
                    }
                    try node.succeed("systemctl", "start", "breakoutd")
                }
                #expect(try load.wait(seconds: 120) == 0)
                let entries = try node.awaitJournal { Set(Self.raised($0)) == Set(Self.pods) }
                #expect(!toldBefore.isEmpty)
                for (id, count) in toldBefore { #expect(Self.count(id, in: entries) == count, "\(id)") }
            }
        }

        private static let load = """
            for number in $(seq \(pods.count)); do
                pod -s \(SystemdNode.socket) run escape-$number --host-pid --privileged -- \
                    nsenter --mount=/proc/1/ns/mnt -- /bin/sleep 1d >/dev/null
            done
            """

        /// The pods whose escapes were told.
        private static func raised(_ entries: [[String: String]]) -> [String] {
            entries.filter {
                $0["BREAKOUTD_TECHNIQUE"] == "entered-host-mount-namespace" && $0["BREAKOUTD_EVENT"] == "raised"
            }.compactMap { $0["BREAKOUTD_POD"] }
        }

        private static func count(_ id: String, in entries: [[String: String]]) -> Int {
            entries.count { $0["BREAKOUTD_FINDING"] == id && $0["BREAKOUTD_EVENT"] == "raised" }
        }

        /// As the daemon left it; `nil` where it was killed before it had one.
        private static func state(of node: SystemdNode) throws -> State? {
            let file = try node.run("cat", statePath)
            return file.status == 0 ? try JSONDecoder().decode(State.self, from: file.bytes) : nil
        }
    }
}
