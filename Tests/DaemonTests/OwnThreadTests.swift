import Foundation
import LinuxSystem
import ServiceLifecycle
import TestSupport
import Testing

@testable import Daemon

@Suite(.timeLimit(.minutes(10))) struct OwnThreadTests {
    private struct Worker: Service {
        var patience: Double?
        let begun = DispatchSemaphore(value: 0)
        let stopped = DispatchSemaphore(value: 0)
        let released = DispatchSemaphore(value: 0)

        func run() async throws {
            await OwnThread.run(named: "test", patience: patience, stop: { stopped.signal() }) {
                begun.signal()
                released.wait()
            }
        }

        func waitForBegin() { begun.wait() }

        func waitForStop() { stopped.wait() }

        /// Was told to stop.
        var isStopped: Bool { stopped.wait(timeout: .now()) == .success }
    }

    private static func start(_ worker: Worker) async -> (group: ServiceGroup, running: Task<Void, any Error>) {
        let group = ServiceGroup(
            configuration: .init(services: [.init(service: worker)], logger: CollectedLog().logger))
        let running = Task { try await group.run() }
        await waiting { worker.waitForBegin() }
        return (group, running)
    }

    /// On a thread of its own: tasks share a few, which the service needs one of.
    private static func waiting(_ work: @escaping @Sendable () -> Void) async {
        await withCheckedContinuation { continuation in
            Thread.detachNewThread {
                work()
                continuation.resume()
            }
        }
    }

    /// What hangs is not waited for; that it ends afterwards does no harm.
    @Test func workThatHangs() async throws {
        let worker = Worker(patience: 0.01)
        let (group, running) = await Self.start(worker)
        await group.triggerGracefulShutdown()
        try await running.value
        #expect(worker.isStopped)
        worker.released.signal()
    }

    /// What has ended by itself is waited for no longer.
    @Test(arguments: [nil, 3600] as [Double?])
    func workThatEnds(patience: Double?) async throws {
        let worker = Worker(patience: patience)
        let (group, running) = await Self.start(worker)
        await group.triggerGracefulShutdown()
        // A service that ends before it is told to is a failure of the group.
        await Self.waiting { worker.waitForStop() }
        worker.released.signal()
        try await running.value
    }
}
