package import HTTPTransport
import LinuxSystem
package import NodeModel

/// Keeps the pods of a node as the API server has them: a list, then a watch from its version on, for ever.
package final class PodWatch {
    private let makeClient: () throws(APIError) -> PodClient
    private let retry: Retry
    private let cancellation: HTTPCancellation
    private let now: @Sendable () -> Int64
    private var client: PodClient?
    private var pods: [String: Pod] = [:]
    private var version: String?
    private var asOf: Int64?
    private var failures = 0

    /// Seconds after which a watch without any byte counts as broken: the server sends a bookmark about every minute
    /// (apiserver/pkg/storage/cacher, bookmarkFrequency), and a proxy in between may swallow the end of a connection.
    static let silence = 150.0
    /// How long the server is asked to keep a watch.
    private static let timeout = 1800
    /// The most bytes of one event: a pod of the greatest size that etcd takes, with every character escaped.
    private static let lineLimit = 16 << 20

    /// - Parameters:
    ///   - retry: how to wait after a failure; by default until it is cancelled.
    ///   - now: milliseconds since 1970-01-01 UTC.
    ///   - client: makes the client, and another one after a failure that its configuration may explain, such as a
    ///     certificate that was replaced.
    package init(
        cancellation: HTTPCancellation, retry: Retry? = nil,
        now: @escaping @Sendable () -> Int64 = Clock.wallMilliseconds,
        client: @escaping () throws(APIError) -> PodClient
    ) {
        makeClient = client
        self.cancellation = cancellation
        self.retry = retry ?? Retry(wait: cancellation.wait(seconds:))
        self.now = now
    }

    /// Watches until it is cancelled, and hands on what is known after each list, each batch of events and each failure.
    ///
    /// What was known stays known while the server is away, with its age.
    package func run(_ report: (APIPods) -> Void) {
        while !cancellation.isCancelled {
            do throws(APIError) {
                let client = try currentClient()
                if version == nil {
                    try list(client)
                    confirm(report)
                }
                if try !hearsEvents(client, report) { retry.wait(retry.delay(0, serverAsks: nil)) }
            } catch .cancelled {
                return
            } catch {
                recover(from: error, report)
            }
        }
    }

    private func currentClient() throws(APIError) -> PodClient {
        if let client { return client }
        let made = try makeClient()
        client = made
        return made
    }

    /// The server said just now that what is known is so.
    private func confirm(_ report: (APIPods) -> Void) {
        asOf = now()
        report(APIPods(pods: Array(pods.values), asOf: asOf))
    }

    private func recover(from error: APIError, _ report: (APIPods) -> Void) {
        defer { failures += 1 }
        // What the server has forgotten is listed anew, and so is what cannot be read as an event; every other failure
        // goes on where the watch was.
        if !error.isTransient || error.isMalformed { version = nil }
        if error == .expired, failures == 0 { return }
        if !error.isTransient { client = nil }
        report(APIPods(pods: Array(pods.values), asOf: asOf, failure: error.description))
        var asked: Double?
        if case .unavailable(_, let retryAfter, _) = error { asked = retryAfter }
        retry.wait(retry.delay(failures, serverAsks: asked))
    }

    private func list(_ client: PodClient) throws(APIError) {
        let list = try client.list(until: Deadline(secondsFromNow: 300))
        pods = Dictionary(list.pods.map { (Self.key($0), $0) }, uniquingKeysWith: { _, last in last })
        version = list.resourceVersion
    }

    /// One watch, until the server ends it, as it does from time to time; whether it brought any event.
    private func hearsEvents(_ client: PodClient, _ report: (APIPods) -> Void) throws(APIError) -> Bool {
        let query = [
            ("watch", "1"), ("resourceVersion", version ?? ""), ("allowWatchBookmarks", "true"),
            ("timeoutSeconds", "\(Self.timeout)"),
        ]
        var isSilent = true
        let failure = try withoutActuallyEscaping(report) { report throws(APIError) -> APIError? in
            var lines = LineBuffer(limit: Self.lineLimit)
            var failure: APIError?
            _ = try client.request("watch", query, until: nil) { chunk in
                do throws(APIError) {
                    var isNews = chunk.isEmpty
                    try lines.add(chunk) { line throws(APIError) in
                        try self.apply(try PodEvent.decode(line))
                        isNews = true
                        isSilent = false
                        self.failures = 0
                    }
                    // A part of an event, which any sender can write for ever, says nothing.
                    if isNews { self.confirm(report) }
                    return true
                } catch {
                    failure = error
                    return false
                }
            }
            return failure
        }
        if let failure { throw failure }
        return !isSilent
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
