import LinuxSystem
import NodeModel
import TestSupport
import Testing

@testable import NodeFiles

@Suite struct TransientUnitsTests {
    static let cases: [(name: String, isTransient: Bool)] = [
        ("session-12.scope", true), ("user-1000.slice", true), ("run-4711.scope", true),
        ("kubepods-burstable-pod0f_1.slice", true), ("cri-containerd-0f.scope", true),
        ("session-12.scope.d/50-After-systemd-logind\\x2eservice.conf", true),
        ("kubepods.slice.d/50-MemoryAccounting.conf", true),
        // Whatever runs a program, and what systemd does not call so.
        ("evil.service", false), ("run-4711.service", false), ("run-4711.service.d/50-ExecStart.conf", false),
        ("evil.timer", false), ("evil.scope.service", false), ("system.slice.d/evil.conf", false),
        ("system.slice.d/50-evil", false), ("system.slice.wants/50-evil.conf", false), ("x.d/y.scope", false),
        ("x.scope.d/y/50-z.conf", false), ("", false),
    ]

    private func units(
        isNew: Bool = false, _ body: (TransientUnits) throws -> Void
    ) throws {
        try TemporaryDirectory.with { directory in
            if isNew { try directory.directory("run/systemd/transient") }
            try body(TransientUnits(below: try Descriptor.open(directory.path, LinuxFlags.path)))
        }
    }

    private func file(_ name: String, _ kind: PlacedFile.Kind = .regular, uid: UInt32 = 0) -> PlacedFile {
        PlacedFile(path: "/run/systemd/system/\(name)", kind: kind, uid: uid)
    }

    @Test(arguments: cases)
    func names(name: String, isTransient: Bool) throws {
        try units { #expect($0.contain(file(name)) == isTransient) }
        try units(isNew: true) { #expect(!$0.contain(file(name))) }
    }

    @Test func others() throws {
        try units { units in
            let name = "session-12.scope"
            #expect(!units.contain(file(name, .link)) && !units.contain(file(name, .fifo)))
            #expect(!units.contain(file(name, uid: 1000)))
            #expect(!units.contain(PlacedFile(path: "/etc/systemd/system/\(name)", kind: .regular)))
            #expect(!units.contain(PlacedFile(path: "/run/systemd/system", kind: .directory)))
        }
    }
}
