import Foundation
import HTTPTransport
import NodeModel
import Synchronization
import TestSupport
import Testing

@testable import KubernetesAPI

/// A watch on a thread of its own, which waits for nothing between requests, and what it reported.
final class RunningWatch: Sendable {
    private struct State {
        var pods = APIPods()
        var failures: [String] = []
        var waits: [Double] = []
        var isOver = false
    }

    private let state = Mutex(State())
    private let news = NSCondition()
    private let cancellation = HTTPCancellation()
    private static let patience = 60.0

    init(of server: StandInAPIServer, as kubeconfig: String) throws {
        let access = try APIAccess(kubeconfig: kubeconfig) { EKSCredential(cluster: $0, region: $1, environment: [:]) }
        Thread.detachNewThread { [self] in
            let retry = Retry(first: 1, wait: { seconds in self.note { $0.waits.append(seconds) } }, random: { 0 })
            let watch = PodWatch(cancellation: cancellation, retry: retry) { () throws(APIError) in
                let client = try access.podClient(
                    nodeName: StandInAPIServer.nodeName, retry: retry, cancellation: self.cancellation)
                client.watchSilence = 3
                return client
            }
            watch.run { pods in
                self.note {
                    $0.pods = pods
                    if let failure = pods.failure { $0.failures.append(failure) }
                }
            }
            note { $0.isOver = true }
        }
    }

    private func note(_ change: (inout State) -> Void) {
        state.withLock { change(&$0) }
        news.lock()
        news.broadcast()
        news.unlock()
    }

    var failures: [String] { state.withLock { $0.failures } }
    /// Seconds that it would have waited before requests.
    var waits: [Double] { state.withLock { $0.waits } }

    /// Waits until the watch reports what is asked for.
    func wait(_ what: Comment, until isReached: (APIPods) -> Bool) throws {
        try #require(wait { isReached($0.pods) }, what)
    }

    /// Cancels the watch; its thread has to end.
    func end() {
        cancellation.cancel()
        #expect(wait { $0.isOver }, "the watch does not end")
    }

    private func wait(until isReached: (State) -> Bool) -> Bool {
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        news.lock()
        defer { news.unlock() }
        while !isReached(state.withLock { $0 }) {
            guard news.wait(until: deadline) else { return isReached(state.withLock { $0 }) }
        }
        return true
    }

    /// Waits until the server has its watches: a list is reported a little before the watch begins.
    func waitUntilConnected(to server: StandInAPIServer, watches: Int = 1) throws {
        let deadline = Date(timeIntervalSinceNow: Self.patience)
        while Date() < deadline {
            if try server.control(#"{"op": "bookmark"}"#)["watches"] as? Int == watches { return }
        }
        Issue.record("the server has no watch")
    }

    /// What the server was asked: the verbs.
    func requests(to server: StandInAPIServer) throws -> [String] {
        let requests = try server.control(#"{"op": "requests"}"#)["requests"] as? [[String: Any]] ?? []
        return requests.compactMap { $0["verb"] as? String }
    }
}
