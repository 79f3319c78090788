import TestSupport

@testable import KernelEvents

/// The descriptions of probes, as kernels 5.10 and 6.1 write them.
enum ProbeFormat {
    /// - Parameter fetches: those of a probe, in its own words.
    static func text(_ fetches: [String]) -> String {
        let fields = fetches.enumerated().map { index, fetch in
            let name = fetch.prefix { $0 != "=" }
            let isText = fetch.hasSuffix(":string")
            return "\tfield:\(isText ? "__data_loc char[]" : "u32") \(name);\toffset:\(16 + index * 4);\tsize:4;\t"
                + "signed:\(isText ? 1 : 0);\n"
        }
        return TracepointFormatTests.common
            + "\tfield:unsigned long __probe_ip;\toffset:8;\tsize:8;\tsigned:0;\n" + fields.joined()
    }

    /// The raw bytes of a record: those of every record, the address, numbers and the places of texts, and the texts.
    static func record(_ id: UInt16, pid: Int32 = 41, numbers: [UInt32] = [], texts: [String] = []) -> [UInt8] {
        let fixed = 16 + 4 * (numbers.count + texts.count)
        var places: [UInt8] = []
        var tail: [UInt8] = []
        for text in texts {
            let content = Array(text.utf8) + [0]
            places += bytes(UInt32(content.count) << 16 | UInt32(fixed + tail.count))
            tail += content
        }
        return bytes(id, 0) + bytes(pid) + bytes(UInt64(0xFFFF_FFFF_8123_4567)) + numbers.flatMap { bytes($0) } + places
            + tail
    }

    /// The number of a probe in these tests.
    static func id(_ name: String) -> UInt16 {
        UInt16(1000 + (KernelProbe.all.firstIndex { $0.kind.name == "breakoutd/\(name)" } ?? 0))
    }
}

extension TemporaryDirectory {
    /// Describes every probe in a directory that stands for tracefs.
    func probes() throws {
        for (index, probe) in KernelProbe.all.enumerated() {
            try file("events/\(probe.kind.name)/id", "\(1000 + index)\n")
            try file("events/\(probe.kind.name)/format", ProbeFormat.text(probe.functions.first?.fetches ?? []))
        }
    }
}
