import NodeModel

extension Check {
    /// A task of a container loaded a module of the kernel; told by events alone, as a scan cannot see who did it.
    ///
    /// What `/proc/modules` tells of a module, that it is from outside of the kernel's tree or not signed (taint O and E),
    /// is true of the drivers of GPUs and of network cards on every node that has them; where its file was it does not
    /// tell, and a module that hides is not in it.
    static let kernelModuleLoaded = Check(
        Technique(
            id: "kernel-module-loaded", title: "Loaded a kernel module", class: .action, weight: .action,
            attack: ["T1547.006", "T1014"], messageID: "ceb9dfd2cb9e45b4afb2cfba87f51861",
            reason: "a task of the container loaded a module of the node's kernel",
            meaning: """
                The code of a module runs in the kernel itself, with power over every process and every tool of the \
                node, and it stays when the pod is gone. Drivers and some security agents load theirs from a pod.
                """,
            remedy: """
                Unless the pod is there to load this driver, treat the node as taken and replace it; what is read on \
                it cannot be trusted any more. Drop CAP_SYS_MODULE and privileged.
                """),
        reads: [],
        act: { task, deed, container, index in
            guard case .loadedModule(let name) = deed, let container else { return nil }
            return Evidence(
                container: container, task: task, declaration: .undeclared, key: name,
                detail: "\(index.name(task)) loaded the module \(name)", values: ["module": .text(name)])
        }
    ) { _ in [] }
}
