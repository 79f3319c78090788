/// What a function of the kernel was called for, by its arguments; the call may be refused afterwards.
package enum KernelCall: Sendable, Equatable {
    /// The file system of a device was made ready to be mounted; a bind mount needs no more of it.
    case fileSystem(DeviceNumber)
    /// Something is mounted on a directory or file.
    case mount(on: FilePlace)
    /// The task's root directory becomes another: chroot(2), pivot_root(2), or setns(2) into a mount namespace.
    case root(FilePlace)
    /// A file of a file system is opened by its handle, without a path (open_by_handle_at(2)).
    case handle(DeviceNumber)
    /// The task becomes the tracer of a thread, by its number in the task's own PID namespace (ptrace(2)).
    case trace(Int32)
    /// The task writes into the memory of a process, by its number in the task's own PID namespace
    /// (process_vm_writev(2)).
    case memory(of: Int32)
    /// A BPF program is loaded.
    case program
    /// The kernel runs a program of the node by itself, on account of what the task did.
    ///
    /// A path that does not begin with `/` is one from the root all the same (core(5)). Of what it is called by and its first
    /// three arguments the first four bytes are told.
    case helper(path: String, arguments: [String])
    /// The task writes a setting of the whole kernel, by the name that the kernel has for it.
    case setting(String)
}

/// Where a directory or file is, whatever mounts and roots a task sees it through.
package struct FilePlace: Sendable, Equatable {
    /// That of its file system.
    package var device: DeviceNumber
    /// From the root of its file system; `nil` where it is further down than is read.
    package var path: String?

    package init(device: DeviceNumber, path: String?) {
        self.device = device
        self.path = path
    }
}
