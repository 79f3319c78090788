import Dispatch
import Foundation
import Synchronization
import Testing

extension RealContainers {
    /// The runtime's own stages share host state for a while; they are no escape.
    @Suite(.enabled(if: Bench.isUsable, Bench.reason)) struct StartupTests {
        /// 25 containers are started and entered three times each, while scans run beside it without pause.
        @Test func hundredStartsAndExecs() throws {
            try ContainerdNode.with { node in
                let isDone = Atomic(false)
                let found = Mutex<[String]>([])
                let scans = Atomic(0)
                let scanner = DispatchSemaphore(value: 0)
                let root = node.root
                Thread.detachNewThread {
                    defer { scanner.signal() }
                    while !isDone.load(ordering: .relaxed) {
                        let output = try? Bench.run([Bench.binary, "scan", "--root", root, "--format", "json"])
                        let report = output.flatMap { try? JSONDecoder().decode(ScanReport.self, from: $0.bytes) }
                        let lines = report?.findings.map { "\($0.technique): \($0.detail)" } ?? ["no report"]
                        found.withLock { $0 += lines }
                        scans.add(1, ordering: .relaxed)
                    }
                }
                defer {
                    isDone.store(true, ordering: .relaxed)
                    scanner.wait()
                    #expect(found.withLock { $0 } == [])
                    #expect(scans.load(ordering: .relaxed) > 25)
                }
                for number in 0..<25 {
                    let pod = try node.pod("start-\(number)", ExposureTests.quiet)
                    for _ in 0..<3 { try node.pod("exec", pod.container, "--", "true") }
                    try node.pod("remove", pod.pod)
                }
            }
        }
    }
}
