import ArgumentParser
import FoundationEssentials
import Kubelet
import KubernetesAPI
import LinuxSystem
import NodeModel

/// Whether and how the Kubernetes API is asked for the pods of this node.
struct APIOptions: ParsableArguments {
    @Flag(help: "Ask the Kubernetes API what the pods of this node declare, with the node's own identity.")
    var api = false

    @Option(
        help: ArgumentHelp(
            "Ask the API by this kubeconfig instead of the kubelet's.", valueName: "file"), completion: .file())
    var kubeconfig: String?

    @Option(
        name: .customLong("node-name"),
        help: ArgumentHelp("This node's name in the API, where it is not the kubelet's.", valueName: "name"))
    var nodeName: String?

    var isAsked: Bool { api || kubeconfig != nil }

    /// Whom to ask and for which node.
    func access(proc: String, root: String) throws(APIError) -> (access: APIAccess, nodeName: String) {
        let kubelet = KubeletSettings.read(proc: proc, root: root)
        guard let path = kubeconfig ?? kubelet.kubeconfig else {
            throw Self.missing(
                "no kubeconfig of a kubelet is on this node (--kubeconfig)",
                unread: kubelet.unreadArguments + kubelet.unreadKubeconfigs)
        }
        let access = try APIAccess(kubeconfig: path, root: kubeconfig == nil ? root : "/") { cluster, region in
            EKSCredential(
                cluster: cluster, region: region, environment: ProcessInfo.processInfo.environment)
        }
        // By another node's name, or none's, every pod of this node would be unknown to the API.
        let usual = kubelet.unreadArguments.isEmpty ? KubeletSettings.defaultNodeName() : nil
        guard let name = nodeName ?? kubelet.nodeName ?? usual else {
            throw Self.missing(
                "this node's name in the API is not known (--node-name)", unread: kubelet.unreadArguments)
        }
        return (access, name)
    }

    private static func missing(_ what: String, unread: [String]) -> APIError {
        .configuration(reason: ([what] + unread.map { "not read: \($0)" }).joined(separator: "; "))
    }

    /// Asks the API; `nil` where it is not to be asked.
    func reader(proc: String, root: String, timeLimit: Double) -> (@Sendable () -> APIPods)? {
        guard isAsked else { return nil }
        // Half of the time, so that the rest of a scan does not wait for a server that is away.
        return { [self] in read(proc: proc, root: root, timeLimit: timeLimit / 2) }
    }

    /// Asks the API, and says why where there is no answer.
    func read(proc: String, root: String, timeLimit: Double) -> APIPods {
        do throws(APIError) {
            let (access, nodeName) = try access(proc: proc, root: root)
            let list = try access.podClient(nodeName: nodeName).list(until: Deadline(secondsFromNow: timeLimit))
            return APIPods(pods: list.pods, asOf: Clock.wallMilliseconds())
        } catch {
            return APIPods(failure: error.description)
        }
    }
}
