import NodeModel
import TestSupport
import Testing

@testable import Checks

/// What the case on fields of pods says of one pod.
private struct PodAnswer: Decodable {
    var input: String
    var hostNetwork: Bool?
    var hostPorts: [Int64]?
    var hostPortsImplied: Bool?
    var os: String?
    var hostProcess: Bool?
    var appArmor: [String: String]?
    var seccomp: [String: String]?
}

private struct PodList: Decodable { var items: [Pod] }

@Suite(.enabled(if: SharedCase.isAvailable, "the cases from bug reports are not here"))
struct PodRequestTests {
    @Test func fields() throws {
        let shared = SharedCase("05-pod-policy-fields")
        let pods = try shared.decode("pods.json", as: PodList.self).items
        for answer in try shared.answers(as: PodAnswer.self) {
            let pod = try #require(pods.first { answer.input.hasSuffix("#\($0.metadata.name ?? "")") })
            let requests = pod.allContainers.map { PodRequest(pod: pod, container: $0.specification) }
            #expect((pod.spec.hostNetwork ?? false) == (answer.hostNetwork ?? pod.spec.hostNetwork ?? false))
            #expect(pod.spec.os?.name == answer.os)
            if let hostProcess = answer.hostProcess {
                #expect((pod.spec.securityContext?.windowsOptions?.hostProcess ?? false) == hostProcess)
            }
            if let ports = answer.hostPorts {
                // One finding for the network, none for the ports that come with it.
                #expect(requests.flatMap(\.hostPorts) == (answer.hostPortsImplied == true ? [] : ports))
            }
            for request in requests {
                let name = request.container?.name ?? ""
                if let type = answer.appArmor?[name] {
                    #expect(request.appArmorProfile?.type == type, "\(answer.input)")
                }
                if let type = answer.seccomp?[name] {
                    #expect(request.seccompType ?? "unset" == type, "\(answer.input)")
                }
            }
        }
    }
}
