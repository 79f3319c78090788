import Delivery
import Foundation
import LinuxSystem
import Reports
import TestSupport
import Testing

@testable import Configuration
@testable import Daemon

@Suite struct FileOutletTests {
    /// As many files as the setting says, the present one included.
    @Test(arguments: [1, 2, 5])
    func files(count: Int) throws {
        try TemporaryDirectory.with { directory in
            try directory.directory("log")
            var settings = DaemonConfiguration.Sinks()
            settings.journal = nil
            settings.file = .init(path: "\(directory.path)/log/findings.log", size: 10, count: count)
            let outlets = Outlets(
                origin: RecordOrigin(), directory: directory.path, environment: [:], logger: CollectedLog().logger
            ).all(settings)
            let sink = try #require(outlets.first).sink
            for number in 0..<10 { sink.offer(Record(time: 0, text: "record \(number)")) }
            #expect(sink.close(until: Deadline(secondsFromNow: 60)) == 0)
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(directory.path)/log").sorted()
            #expect(names == ["findings.log"] + (1..<count).map { "findings.log.\($0)" })
            let present = try String(contentsOfFile: "\(directory.path)/log/findings.log", encoding: .utf8)
            #expect(present == "record 9\n")
        }
    }
}
