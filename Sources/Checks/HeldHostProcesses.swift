import NodeModel

/// Tasks that hold a process, a namespace or the memory of the node open: what they may do with it they may do at any
/// time, though they have done nothing yet.
///
/// Reads the open files of every container's first process and of tasks with rights over others; silent while the
/// runtime still starts a task, and of a task that is in the node's mount namespace, which is a finding of its own.
extension Check {
    /// A handle on a process outside of the pod (pidfd_open(2)): to enter its namespaces, take its files, or end it.
    static let holdsHostProcess = held(
        Technique(
            id: "holds-host-process", title: "Holds a process outside of its pod", class: .action, weight: .partial,
            attack: ["T1611", "T1489"], messageID: "e00028cc2c445c2124b9f14f2afc5abb",
            reason: "a task of the container holds a handle on a process outside of its pod",
            meaning: """
                With a handle (pidfd) on a process one signals it, and with further rights enters all its namespaces at once \
                and takes over its open files, whatever becomes of its number. Only hostPID, or a process that hands one on, \
                gives a pod a handle on a process of the node.
                """,
            remedy: heldRemedy),
        keyName: "process"
    ) { task, files, container, index in
        files.objects(of: { if case .process(let pid) = $0 { pid } else { nil } }).compactMap { number, pid in
            guard let process = index.process(pid), let owner = index.stranger(process, to: container) else {
                return nil
            }
            return Holding(
                "\(process.comm) of \(owner)", "descriptor \(number)", "a handle on \(index.name(process)) of \(owner)")
        }
    }

    /// A namespace of the host that no thread of the process is in itself: setns(2) enters it at any time.
    ///
    /// Silent where a thread is in it, which is a finding of its own or what the pod was given.
    static let holdsHostNamespace = held(
        Technique(
            id: "holds-host-namespace", title: "Holds a namespace of the host open", class: .action, weight: .action,
            attack: ["T1611"], messageID: "10a84a9774a0ba7e775740b304d3067b",
            reason: "a task of the container holds a namespace of the host open that it is not in",
            meaning: """
                With a descriptor of the host's namespace a process enters it whenever it likes, and has left it again before \
                anybody looks; it can also be handed to another pod.
                """,
            remedy: heldRemedy),
        keyName: "namespace"
    ) { task, files, container, index in
        files.objects(of: { if case .namespace(let kind, let id) = $0 { (kind, id) } else { nil } })
            .compactMap { number, namespace in
                let (kind, id) = namespace
                let threads = index.tasks(of: container).filter { $0.pid == task.pid }
                guard id == index.hostNamespace(kind), task.namespaces[kind] != nil,
                    !threads.contains(where: { $0.namespaces[kind] == id })
                else { return nil }
                return Holding(kind.rawValue, "descriptor \(number)", "the host's ns/\(kind.rawValue) \(id)")
            }
    }

    /// `/proc/<pid>/mem` of a process outside of the pod: whoever writes there runs code as that process.
    static let holdsProcessMemory = held(
        Technique(
            id: "holds-process-memory", title: "Holds the memory of a process outside of its pod", class: .action,
            weight: .action, attack: ["T1055.009", "T1611"], messageID: "ed83af72515f889f988c8e4e70fde0ed",
            reason: "a task of the container holds the memory of a process outside of its pod open",
            meaning: """
                Through the file a process reads the other's keys and passwords, and where it may write puts its own code into \
                it, with the other's rights and outside of every container that it is outside of.
                """,
            remedy: heldRemedy),
        keyName: "process"
    ) { task, files, container, index in
        files.open.compactMap { open in
            guard open.file.kind == .regular, let pid = processOfMemory(open.path),
                index.isNumberedAsOnTheNode(open.file, by: task),
                let process = index.process(pid), let owner = index.stranger(process, to: container)
            else { return nil }
            return Holding(
                "\(process.comm) of \(owner)", "descriptor \(open.number)",
                "the memory of \(index.name(process)) of \(owner)")
        }
    }

    /// The memory of the machine itself (mem(4)).
    static let holdsKernelMemory = held(
        Technique(
            id: "holds-kernel-memory", title: "Holds the machine's memory or ports open", class: .action,
            weight: .action,
            attack: ["T1611", "T1014"], messageID: "08e4439211acc9e1d160af80f29c4e03",
            reason: "a task of the container holds the device of the machine's memory or ports open",
            meaning: """
                The devices /dev/mem, /dev/kmem and /dev/port reach the memory of the kernel and the devices of the machine, as far as \
                the kernel was built to let them.
                """,
            remedy: heldRemedy)
    ) { task, files, container, index in
        files.open.compactMap { open in
            open.file.memoryDevice.map { Holding($0, "descriptor \(open.number)", is: $0) }
        }
    }

    /// The process of `/proc/812/mem` and `/proc/812/task/815/mem`, wherever that is mounted.
    static func processOfMemory(_ path: String) -> Int32? {
        let parts = path.pathComponents()
        guard parts.last == "mem" else { return nil }
        let isThread = parts.count >= 4 && parts[parts.count - 3] == "task"
        let place = parts.count - (isThread ? 4 : 2)
        return place < 0 ? nil : Int32(parts[place]).flatMap { $0 > 0 ? $0 : nil }
    }
}

extension NodeIndex {
    /// Whether a file of procfs calls processes by the numbers that they have on the node: it is the node's own, or that of
    /// a task in the node's PID namespace.
    fileprivate func isNumberedAsOnTheNode(_ file: FileIdentity, by task: NodeTask) -> Bool {
        if let mount = ownMount(of: file, task) {
            return mount.fileSystemType == "proc" && isHost(.pid, task.namespaces[.pid])
        }
        return hostMount(of: file, task)?.fileSystemType == "proc"
    }
}

extension TaskFiles {
    /// The objects of one kind, each with its descriptor's number.
    func objects<Kind>(of kind: (HeldObject) -> Kind?) -> [(number: Int32, object: Kind)] {
        (objects ?? []).compactMap { open in kind(open.object).map { (open.number, $0) } }
    }
}
