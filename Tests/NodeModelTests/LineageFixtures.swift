@testable import NodeModel

/// Events of a small node, with times in milliseconds.
enum Told {
    static func fork(_ pid: Int32, tid: Int32? = nil, by creator: Int32, thread: Int32? = nil, at time: UInt64 = 1)
        -> KernelEvent
    {
        event(pid, tid, at: time, .fork(creator: creator, thread: thread ?? creator))
    }

    static func exit(_ pid: Int32, tid: Int32? = nil, at time: UInt64 = 1) -> KernelEvent {
        event(pid, tid, at: time, .exit)
    }

    static func comm(_ pid: Int32, tid: Int32? = nil, _ name: String, at time: UInt64 = 1) -> KernelEvent {
        event(pid, tid, at: time, .comm(TaskName(name), isExec: false))
    }

    static func exec(_ pid: Int32, _ name: String, at time: UInt64 = 1) -> KernelEvent {
        event(pid, nil, at: time, .comm(TaskName(name), isExec: true))
    }

    static func namespaces(_ pid: Int32, tid: Int32? = nil, _ set: NamespaceSet, at time: UInt64 = 1) -> KernelEvent {
        event(pid, tid, at: time, .namespaces(set))
    }

    static func lost(at time: UInt64 = 1) -> KernelEvent {
        KernelEvent(time: time * 1_000_000, cpu: 0, pid: 0, tid: 0, action: .lost(3))
    }

    private static func event(_ pid: Int32, _ tid: Int32?, at time: UInt64, _ action: KernelEvent.Action) -> KernelEvent
    {
        KernelEvent(time: time * 1_000_000, cpu: 0, pid: pid, tid: tid ?? pid, action: action)
    }
}

extension Lineage {
    /// Takes events, and gives the changes they tell of.
    mutating func changes(by events: KernelEvent...) -> [NamespaceChange] { events.compactMap { apply($0) } }
}

extension NamespaceSet {
    /// A set with every kind that is told, and some of them other than the rest.
    static func told(_ changed: [NamespaceKind: UInt32] = [:]) -> NamespaceSet {
        var set = NamespaceSet()
        for (index, kind) in KernelEvent.namespaceKinds.enumerated() {
            set[kind] = NamespaceID(rawValue: changed[kind] ?? 100 + UInt32(index))
        }
        return set
    }
}
