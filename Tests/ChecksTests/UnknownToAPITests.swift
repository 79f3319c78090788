import Foundation
import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct UnknownToAPITests {
    private static let id = String(QuietIDs.container.prefix(13))

    @Test func known() throws {
        let node = try Node.quiet.declaring()
        #expect(Check.podUnknownToAPI.told(node) == [] && Check.containerUnknownToAPI.told(node) == [])
    }

    @Test func podGone() throws {
        let node = try Node.quiet.declaring().changing { $0.apiPods?.pods = [] }
        #expect(Check.podUnknownToAPI.told(node) == [Told(.undeclared, nil, "\(Self.id): its pod is not in the API")])
        #expect(Check.containerUnknownToAPI.told(node) == [])
    }

    @Test func containerOfAKnownPod() throws {
        let node = try Node.quiet.declaring().changing { $0.apiPods?.pods[0].status = nil }
        #expect(
            Check.containerUnknownToAPI.told(node)
                == [Told(.undeclared, nil, "\(Self.id): no status of its pod names it")])
        #expect(Check.podUnknownToAPI.told(node) == [])
    }

    @Test func containerThatHasEnded() throws {
        let terminated = try JSONDecoder().decode(ContainerStatus.State.self, from: Data(#"{"terminated": {}}"#.utf8))
        let node = try Node.quiet.declaring().changing {
            $0.apiPods?.pods[0].status?.phase = "Succeeded"
            $0.apiPods?.pods[0].status?.containerStatuses?[0].state = terminated
        }
        #expect(
            Check.containerUnknownToAPI.told(node)
                == [Told(.undeclared, nil, "\(Self.id): the status of its pod says that it has ended")])
        #expect(Check.podUnknownToAPI.told(node) == [])
        #expect(Check.containerUnknownToAPI.told(node.changing { $0.host.ticksSinceBoot = 5200 }) == [])
        let ending = node.changing { node in for index in 3...4 { node.tasks[index].isExiting = true } }
        #expect(Check.containerUnknownToAPI.told(ending) == [])
        let waiting = node.changing { $0.apiPods?.pods[0].status?.containerStatuses?[0].state = nil }
        #expect(Check.containerUnknownToAPI.told(waiting) == [])
    }

    static let reasons: [(name: String, change: @Sendable (inout Node) -> Void)] = [
        ("young", { $0.host.ticksSinceBoot = 5100 + 100 }),
        ("no answer", { $0.apiPods = APIPods(failure: "connection refused") }),
        ("not asked", { $0.apiPods = nil }),
        ("only the sandbox is left", { node in node.tasks.removeAll { $0.container == 0 } }),
        ("no pod's container", { $0.containers[0].kind = .plain }),
    ]

    @Test(arguments: reasons)
    func silent(name: String, change: @Sendable (inout Node) -> Void) throws {
        let node = try Node.quiet.declaring().changing { $0.apiPods?.pods = [] }.changing(change)
        #expect(Check.podUnknownToAPI.told(node) == [], "\(name)")
    }
}
