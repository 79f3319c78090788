import NodeModel
import TestSupport
import Testing

@testable import ContainerRuntime

@Suite(.enabled(if: SharedCase.isAvailable, "the cases from bug reports are not here"))
struct SharedCasesTests {
    private struct Answer: Decodable {
        var input: String
        var pidNamespace: String
        var hostPID: Bool
    }

    private struct Process: Decodable {
        var pid: UInt32
        var config: String?
    }

    /// The node of case 09: the pause container of one pod, and a container for each configuration in it.
    private func node(_ shared: SharedCase) throws -> Node {
        let processes = try shared.decode("ns.json", as: [String: Process].self)
        let host = try #require(processes["host"])
        var node = Node(host: Host(reference: Host.Reference(pid: 1, namespaces: NamespaceSet([.pid: host.pid]))))
        for (name, process) in processes.sorted(by: { $0.key < $1.key }) {
            guard let pid = Int32(name) else { continue }
            let config = try process.config.map { try OCIConfig.decode(shared.bytes($0)) }
            node.containers.append(
                Container(
                    id: process.config ?? "sandbox", kind: config == nil ? .sandbox : .container, sandboxID: "sandbox",
                    pod: PodIdentity(namespace: "shop", name: "web-0", uid: "u"),
                    bundle: config.map { Bundle($0) } ?? Bundle(namespaces: [BundleNamespace(kind: .pid)]),
                    initPID: pid))
            node.tasks.append(
                NodeTask(
                    pid: pid, tid: pid, namespaces: NamespaceSet([.pid: process.pid]),
                    container: node.containers.count - 1, attribution: .cgroup))
        }
        return node
    }

    @Test func whoSharesTheHostsPIDNamespace() throws {
        let shared = SharedCase("09-share-process-namespace")
        let node = try node(shared)
        let index = NodeIndex(node)
        for answer in try shared.answers(as: Answer.self) {
            let container = try #require(node.containers.firstIndex { $0.id == answer.input })
            #expect(index.declaresHost(.pid, container) == answer.hostPID, "\(answer.input)")
            let namespace = try #require(index.initTask(of: container)?.namespaces[.pid])
            let sandbox = try #require(index.sandbox(of: container).flatMap { index.initTask(of: $0) })
            let owner =
                namespace == index.hostNamespace(.pid) ? "host" : namespace == sandbox.namespaces[.pid] ? "pod" : "own"
            #expect(owner == answer.pidNamespace, "\(answer.input)")
        }
    }
}
