import LinuxSystem
import TestSupport
import Testing

@testable import KernelEvents

@Suite struct ProbeSwitchTests {
    private static let functions = "/proc/sys/kernel/ftrace_enabled"
    private static let probes = "/sys/kernel/debug/kprobes/enabled"

    static let cases: [(name: String, files: [String: String], off: [String])] = [
        ("a kernel without them", [:], []),
        ("on", [functions: "1\n", probes: "1\n"], []),
        ("function tracing", [functions: "0\n", probes: "1\n"], [functions]),
        ("probes, the other is not there", [probes: "0\n"], [probes]),
        ("both", [functions: "0\n", probes: "0\n"], [functions, probes]),
        ("nothing in it", [functions: "", probes: "\n"], []),
    ]

    @Test(arguments: cases)
    func off(name: String, files: [String: String], off: [String]) throws {
        try TemporaryDirectory.with { directory in
            for (path, text) in files { try directory.file(String(path.dropFirst()), text) }
            #expect(ProbeSwitch.off(below: directory.path) == off)
        }
    }

    /// Where there are probes that say nothing it is a gap, for as long as it is so; where there are none nothing is missed.
    @Test(.enabled(if: isRoot, "listening to the whole node needs root"), arguments: [true, false])
    func gap(hasProbes: Bool) throws {
        try TemporaryDirectory.with { directory in
            try directory.file("tracing/events/sched/enable", "0\n")
            if hasProbes {
                try directory.file("tracing/kprobe_events", "")
                for name in ["id", "format"] {
                    try directory.file("tracing/events/breakoutd/bpf_program/\(name)", "1\n")
                }
            }
            try directory.file(String(Self.functions.dropFirst()), "0\n")
            let stream = try EventStream(
                stop: try StopSignal(), root: directory.path, tracefs: ["\(directory.path)/tracing"])
            let gap = "probes: the kernel tells of none while \(Self.functions) is 0"
            #expect(stream.gaps.contains(gap) == hasProbes)
            try directory.file(String(Self.functions.dropFirst()), "1\n")
            #expect(!stream.gaps.contains(gap))
        }
    }
}
