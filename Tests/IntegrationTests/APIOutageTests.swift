import BenchSupport
import Foundation
import TestSupport
import Testing

extension RealContainers {
    /// The daemon beside an API server that is late, goes away and comes back: what the allow-list covers by the API's word is
    /// never told as more than that.
    @Suite(.enabled(if: Bench.hasNodeImage && StandInAPIServer.isUsable, Bench.nodeReason)) struct APIOutageTests {
        private static func configuration(_ api: StandInAPIServer) -> String {
            """
            {api: {kubeconfig: \(api.kubeconfig("certificate")), nodeName: \(StandInAPIServer.nodeName)},
             scan: {period: 5s}, allow: [{name: agents, reason: They look after the node., namespace: default,
               pod: agent-*, serviceAccount: agent, findings: [{techniques: [host-pid-namespace, privileged]}]}]}
            """
        }

        @Test(arguments: ["v1", "v2"]) func lateAwayAndBack(version: String) throws {
            try SystemdNode.with(version) { node in
                try node.installUnits()
                try StandInAPIServer.with(in: node.network) { api in
                    try node.copyCredentials(for: api)
                    try node.restart(configuration: Self.configuration(api))
                    let early = try node.agent("agent-early")
                    try node.awaitScans()
                    #expect(try node.severities(of: early) == [:])
                    try api.tell(of: early, "agent-early")
                    try node.awaitTold(early)

                    try api.goAway()
                    try node.await("the gap") { try node.run("breakoutd", "status").text.contains("503") }
                    let brief = try node.agent("agent-brief")
                    try node.awaitScans()
                    #expect(try node.severities(of: brief) == [:])
                    try node.succeed("pod", "-s", SystemdNode.socket, "remove", brief.pod)
                    let late = try node.agent("agent-late")
                    let stranger = try node.agent("stranger")
                    try node.awaitTold(stranger)
                    // It begins without any word of the API's.
                    try node.succeed("systemctl", "restart", "breakoutd")
                    try node.awaitScans()
                    #expect(try node.severities(of: late) == [:])
                    // Nobody can say of this one any more what it asked for.
                    let notAllowed: [String: Set] = ["host-pid-namespace": ["high"], "privileged": ["high"]]
                    #expect(try node.severities(of: brief) == notAllowed)

                    try api.comeBack()
                    try api.tell(of: late, "agent-late")
                    try node.awaitTold(late)
                    let lowered: [String: Set] = ["host-pid-namespace": ["info"], "privileged": ["info"]]
                    #expect(try [early, late].map(node.severities) == [lowered, lowered])
                    #expect(try node.severities(of: stranger) == notAllowed)
                }
            }
        }
    }
}

extension StandInAPIServer {
    fileprivate func tell(of pod: BenchPod, _ name: String) throws {
        try report(
            pod, name: name, container: #""securityContext": {"privileged": true}"#,
            spec: #""hostPID": true, "serviceAccountName": "agent""#)
    }

    /// Every request fails from now on, as of an API server behind a load balancer that has none left.
    fileprivate func goAway() throws {
        try control(#"{"op": "fault", "match": {"count": 1000000}, "status": 503}"#)
        try control(#"{"op": "close-watches"}"#)
    }

    fileprivate func comeBack() throws { try control(#"{"op": "clear-faults"}"#) }
}

extension SystemdNode {
    fileprivate func agent(_ name: String) throws -> BenchPod {
        try pod(name, "--privileged", "--host-pid")
    }

    /// Returns when the exposures of a pod have been told of.
    fileprivate func awaitTold(_ pod: BenchPod) throws {
        try self.await("\(pod.uid) told of") { try severities(of: pod).count == 2 }
    }

    /// What the journal tells of a pod's exposures: each severity that was told of a technique.
    fileprivate func severities(of pod: BenchPod) throws -> [String: Set<String>] {
        let entries = try journal().filter {
            $0["BREAKOUTD_POD_UID"] == pod.uid && $0["BREAKOUTD_CLASS"] == "exposure"
        }
        return Dictionary(grouping: entries) { $0["BREAKOUTD_TECHNIQUE"] ?? "" }
            .mapValues { Set($0.compactMap { $0["BREAKOUTD_SEVERITY"] }) }
    }
}
