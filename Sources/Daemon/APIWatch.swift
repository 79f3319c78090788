import HTTPTransport
import KubernetesAPI
import LinuxSystem
import NodeModel
import ServiceLifecycle
import Synchronization

/// The thread that keeps what the Kubernetes API says of this node's pods.
struct APIWatch: Service {
    let pods: APIPodsBox
    /// Makes the client; is tried again while it fails, as a node's kubeconfig may come after the daemon.
    let client: @Sendable () throws(APIError) -> PodClient
    let cancellation: HTTPCancellation

    /// Seconds between attempts to make a client.
    private static let retryPeriod = 30.0

    func run() async throws {
        await OwnThread.run(named: "api", stop: { cancellation.cancel() }) {
            while !cancellation.isCancelled {
                do throws(APIError) {
                    PodWatch(try client(), cancellation: cancellation).run { pods.put($0) }
                } catch {
                    pods.put(APIPods(failure: error.description))
                    let end = Deadline(secondsFromNow: Self.retryPeriod)
                    while !end.isPast, !cancellation.isCancelled { Clock.sleep(seconds: 0.5) }
                }
            }
        }
    }
}

/// The latest word of the API.
final class APIPodsBox: Sendable {
    private let box = Mutex(APIPods(failure: "the first list is not there yet"))

    func put(_ pods: APIPods) { box.withLock { $0 = pods } }

    var value: APIPods { box.withLock { $0 } }
}
