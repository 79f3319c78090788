import HTTPTransport
import KubernetesAPI
import NodeModel
import ServiceLifecycle
import Synchronization

/// The thread that keeps what the Kubernetes API says of this node's pods.
struct APIWatch: Service {
    let pods: APIPodsBox
    /// Makes the client; is tried again while it fails, as a node's kubeconfig may come after the daemon, and after
    /// failures, as it may be replaced.
    let client: @Sendable () throws(APIError) -> PodClient
    let cancellation: HTTPCancellation

    func run() async throws {
        await OwnThread.run(named: "api", stop: { cancellation.cancel() }) {
            PodWatch(cancellation: cancellation, client: client).run { pods.put($0) }
        }
    }
}

/// The latest word of the API.
final class APIPodsBox: Sendable {
    private let box = Mutex(APIPods(failure: "the first list is not there yet"))

    func put(_ pods: APIPods) { box.withLock { $0 = pods } }

    var value: APIPods { box.withLock { $0 } }
}
