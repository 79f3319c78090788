package import HTTPTransport
import LinuxSystem
package import NodeModel

/// Keeps the pods of a node as the API server has them: a list, then a watch from its version on, for ever.
package final class PodWatch {
    private let client: PodClient
    private let cancellation: HTTPCancellation
    private let now: @Sendable () -> Int64
    private var pods: [String: Pod] = [:]
    private var version: String?

    /// Seconds after which a watch without any byte counts as broken: the server sends a bookmark about every minute
    /// (apiserver/pkg/storage/cacher, bookmarkFrequency), and a proxy in between may swallow the end of a connection.
    static let silence = 150.0
    /// How long the server is asked to keep a watch.
    private static let timeout = 1800
    /// The most bytes of one event: a pod of the greatest size that etcd takes, with escapes.
    private static let lineLimit = 8 << 20

    /// - Parameter now: milliseconds since 1970-01-01 UTC.
    package init(
        _ client: PodClient, cancellation: HTTPCancellation,
        now: @escaping @Sendable () -> Int64 = Clock.wallMilliseconds
    ) {
        self.client = client
        self.cancellation = cancellation
        self.now = now
    }

    /// Watches until it is cancelled, and hands on what is known after each list, each batch of events and each failure.
    ///
    /// What was known stays known while the server is away, with its age.
    package func run(_ report: (APIPods) -> Void) {
        var failures = 0
        var asOf: Int64?
        while !cancellation.isCancelled {
            do throws(APIError) {
                if version == nil { try list() }
                asOf = now()
                report(APIPods(pods: Array(pods.values), asOf: asOf))
                var isSilent = true
                try watchOnce { time in
                    asOf = time
                    failures = 0
                    isSilent = false
                    report(APIPods(pods: Array(pods.values), asOf: time))
                }
                if isSilent { client.retry.wait(client.retry.delay(0, serverAsks: nil)) }
            } catch .cancelled {
                return
            } catch {
                // What the server has forgotten is listed anew; every other failure goes on where the watch was.
                if !error.isTransient { version = nil }
                if error == .expired, failures == 0 {
                    failures += 1
                    continue
                }
                report(APIPods(pods: Array(pods.values), asOf: asOf, failure: error.description))
                var asked: Double?
                if case .unavailable(_, let retryAfter, _) = error { asked = retryAfter }
                client.retry.wait(client.retry.delay(failures, serverAsks: asked))
                failures += 1
            }
        }
    }

    private func list() throws(APIError) {
        let list = try client.list(until: Deadline(secondsFromNow: 300))
        pods = Dictionary(list.pods.map { (Self.key($0), $0) }, uniquingKeysWith: { _, last in last })
        version = list.resourceVersion
    }

    /// One watch, until the server ends it, as it does from time to time.
    private func watchOnce(_ report: (Int64) -> Void) throws(APIError) {
        let query = [
            ("watch", "1"), ("resourceVersion", version ?? ""), ("allowWatchBookmarks", "true"),
            ("timeoutSeconds", "\(Self.timeout)"),
        ]
        let failure = try withoutActuallyEscaping(report) { report throws(APIError) -> APIError? in
            var lines = LineBuffer(limit: Self.lineLimit)
            var failure: APIError?
            _ = try client.request("watch", query, until: nil) { chunk in
                do throws(APIError) {
                    try lines.add(chunk) { line throws(APIError) in try self.apply(try PodEvent.decode(line)) }
                    report(self.now())
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
            return failure
        }
        if let failure { throw failure }
    }

    private func apply(_ event: PodEvent) throws(APIError) {
        switch event {
        case .changed(let pod):
            pods[Self.key(pod)] = pod
            version = pod.metadata.resourceVersion ?? version
        case .deleted(let pod):
            pods[Self.key(pod)] = nil
            version = pod.metadata.resourceVersion ?? version
        case .bookmark(let new): version = new
        }
    }

    private static func key(_ pod: Pod) -> String { pod.metadata.uid ?? pod.displayName }
}
