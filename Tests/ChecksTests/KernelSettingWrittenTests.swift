import NodeModel
import TestSupport
import Testing

@testable import Checks

@Suite struct KernelSettingWrittenTests {
    static let settings: [(name: String, isTold: Bool)] = [
        ("core_pattern", true), ("modprobe", true), ("poweroff_cmd", true), ("hotplug", true),
        ("uevent_helper", true), ("release_agent", true), ("binfmt_misc", true), ("cache_getent", true),
        ("cltrack_prog", true), ("usermode_helper", true), ("ftrace_enabled", true), ("kprobes/enabled", true),
        ("hostname", false), ("ip_forward", false), ("core_pipe_limit", false), ("Modprobe", false), ("", false),
        ("(fault)", false),
    ]

    @Test(arguments: settings)
    func judged(name: String, isTold: Bool) {
        let deed = TaskAct.Deed.called(.setting(name))
        let found = Check.kernelSettingWritten.evidence(of: deed)
        #expect(NodeIndex(.quiet).isOfConcern(deed) == isTold)
        #expect(found?.detail == (isTold ? "pid 4100 (web) wrote the kernel's setting \(name)" : nil))
        #expect(found?.key == (isTold ? name : nil) && found?.container == (isTold ? 0 : nil))
        #expect(found.map { $0.declaration == .undeclared && $0.values == ["setting": .text(name)] } != false)
        // The node's own tools write them.
        #expect(Check.kernelSettingWritten.evidence(of: deed, container: nil) == nil)
    }

    @Test func anotherCall() {
        #expect(Check.kernelSettingWritten.evidence(of: .called(.program)) == nil)
    }

    /// A container with a user namespace has binary formats of its own, unless its task has left it.
    @Test(
        arguments: [
            (true, true, false), (true, false, true), (false, true, true), (false, false, true),
        ] as [(isGiven: Bool, isIn: Bool, isTold: Bool)])
    func formats(isGiven: Bool, isIn: Bool, isTold: Bool) {
        let node = Node.quiet.changingBundle {
            if isGiven { $0.namespaces.append(BundleNamespace(kind: .user)) }
        }
        var task = Deeds.task
        task.namespaces[.user] = isIn ? NamespaceID(rawValue: 4_026_539_999) : NamespaceSet.host[.user]
        let found = { (name: String) in
            Check.kernelSettingWritten.evidence(of: .called(.setting(name)), by: task, in: node)
        }
        #expect((found("binfmt_misc") != nil) == isTold)
        #expect(found("core_pattern") != nil)
    }
}
