import Glibc
import LinuxSystem
package import NodeModel

/// What a report says of the node itself.
package enum HostFacts {
    /// - Parameter root: where the node's root directory is; a reader in a container has a name of its own (uts_namespaces(7)),
    ///   and the node's is that which it takes when it starts (hostname(5)).
    package static func read(proc: String, root: String) -> Host {
        var names = utsname()
        guard uname(&names) == 0 else { return Host() }
        let name = root == "/" ? nil : nameInFile(root)
        var host = Host(name: name ?? text(names.nodename), kernel: text(names.release))
        if let bytes = try? BoundedFile.read(path: "\(proc)/sys/kernel/random/boot_id", limit: 64) {
            host.bootID = String(escaping: bytes.filter { $0 > UInt8(ascii: " ") })
        }
        host.ticksSinceBoot = (try? BoundedFile.read(path: "\(proc)/uptime", limit: 64)).flatMap(ticks)
        return host
    }

    /// Nothing is followed: a pod may be able to write there.
    private static func nameInFile(_ root: String) -> String? {
        let node = try? Descriptor.open(root, LinuxFlags.path | O_DIRECTORY)
        guard let node, let directory = try? node.openDirectory(below: "/etc"),
            let bytes = try? BoundedFile.read("hostname", in: directory, limit: 256)
        else { return nil }
        let name = bytes.prefix { $0 > UInt8(ascii: " ") }
        return name.isEmpty ? nil : String(escaping: name)
    }

    /// 2 where the only hierarchy is the unified one, else 1: a hybrid node keeps its containers in v1 hierarchies.
    static func cgroupVersion(_ mounts: [Mount]) -> Int? {
        if mounts.contains(where: { $0.fileSystemType == "cgroup" }) { return 1 }
        return mounts.contains(where: { $0.fileSystemType == "cgroup2" }) ? 2 : nil
    }

    /// The first number of `/proc/uptime`, seconds with two decimals (proc_uptime(5)), in hundredths.
    static func ticks(_ uptime: [UInt8]) -> UInt64? {
        let parts = uptime.prefix { $0 != UInt8(ascii: " ") }.split(
            separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        guard parts.count == 2, parts[1].count == 2 else { return nil }
        return UInt64(String(decoding: parts[0] + parts[1], as: UTF8.self))
    }

    private static func text(_ field: some Any) -> String {
        withUnsafeBytes(of: field) { String(escaping: $0.prefix { $0 != 0 }) }
    }
}

/// The reader's own process id, in the `/proc` of its own PID namespace.
func ownProcessID() -> Int32 { getpid() }

/// How many processors this process may run on.
func processorCount() -> Int { max(sysconf(Int32(_SC_NPROCESSORS_ONLN)), 1) }
