import Glibc
import LinuxSystem
package import NodeModel

/// Reads the settings of the kernel that name a program which it runs by itself (call_usermodehelper, kernel/umh.c).
///
/// A file that this kernel does not have is left out. The program that a kernel asks for keys, `/sbin/request-key`, is
/// no setting, and what that runs stands in files of the node.
package struct HelperSettings {
    package private(set) var found: [HelperSetting] = []
    package private(set) var gaps: [Gap] = []
    private let proc: String
    private let root: String
    private let reference: Int32?
    private let isInitialCgroup: Bool

    /// core_pattern has 127 bytes, a release agent and a parameter at most a page; of files in sysfs the size is a page
    /// whatever they hold.
    private static let limit = 4096
    private static let lineBreak = UInt8(ascii: "\n")
    /// A format shows its magic in hexadecimal digits beside the interpreter's path (fs/binfmt_misc.c, entry_status).
    private static let formatLimit = 16_384
    /// Who emulates every processor there is registers some thirty.
    static let formatCount = 500

    /// - Parameters:
    ///   - root: the node's root directory, below which its `/sys` is.
    ///   - reference: a process that sees the node's own mounts.
    ///   - isInitialCgroup: whether that is in the initial cgroup namespace, so that a mount of a hierarchy with the root
    ///     `/` has an agent's file; in another one, that may be a cgroup further down (cgroup_namespaces(7)).
    package init(
        proc: String = "/proc", root: String = "/", reference: Int32? = nil, isInitialCgroup: Bool = false
    ) {
        self.proc = proc
        self.reference = reference
        self.isInitialCgroup = isInitialCgroup
        self.root = root == "/" ? "" : root
    }

    /// Reads those that have a file of their own, and the formats of binfmt_misc.
    package mutating func read() {
        add(.corePattern, proc, "/sys/kernel/core_pattern", shown: "/proc") { text in
            text.first == UInt8(ascii: "|") ? Self.firstWord(text.dropFirst()) : nil
        }
        add(.modprobe, proc, "/sys/kernel/modprobe", shown: "/proc") { $0 }
        add(.uevent, proc, "/sys/kernel/hotplug", shown: "/proc") { $0 }
        add(.uevent, root, "/sys/kernel/uevent_helper") { $0 }
        add(.poweroff, proc, "/sys/kernel/poweroff_cmd", shown: "/proc") { Self.firstWord($0) }
        // fs/nfs/cache_lib.c, fs/nfsd/nfs4recover.c, drivers/block/drbd/drbd_main.c.
        for parameter in ["nfs/parameters/cache_getent", "nfsd/parameters/cltrack_prog"] {
            add(.parameter, root, "/sys/module/\(parameter)") { $0 }
        }
        add(.parameter, root, "/sys/module/drbd/parameters/usermode_helper") { $0 }
        readFormats()
    }

    /// Reads the agent of each hierarchy of cgroup version 1 that the node has mounted.
    package mutating func readAgents(_ mounts: [Mount]) {
        var seen: Set<DeviceNumber> = []
        for mount in mounts where mount.isTopOfHierarchy && seen.insert(mount.device).inserted {
            readAgent(mount, below: root.isEmpty ? "/" : root, shown: "\(mount.mountPoint)/release_agent")
        }
    }

    /// Reads the agent of a hierarchy that only a container has mounted, by one of its processes.
    package mutating func readAgent(_ mount: Mount, of pid: Int32) {
        readAgent(mount, below: "\(proc)/\(pid)/root", shown: "\(mount.mountPoint)/release_agent of pid \(pid)")
    }

    /// What lies on the way is a container's, or may be where it mounted something over the node's own: nothing of it is
    /// followed, and another file system than the hierarchy's is not taken for it.
    private mutating func readAgent(_ mount: Mount, below top: String, shown path: String) {
        // Of a process that has ended.
        guard let tree = try? Descriptor.open(top, LinuxFlags.path | O_DIRECTORY) else { return }
        do {
            let hierarchy = try tree.openDirectory(below: mount.mountPoint)
            guard FileIdentity(of: hierarchy)?.device == mount.device else {
                return gaps.add(.kernel, "setting: another file system lies over it", path)
            }
            let bytes = try BoundedFile.read("release_agent", in: hierarchy, limit: Self.limit)
            add(.releaseAgent, path, bytes, bytes)
        } catch let failure as BoundedFile.Failure {
            note(failure, path, mayBeAbsent: !isInitialCgroup)
        } catch {
            gaps.add(.kernel, "setting: no such directory", path)
        }
    }

    /// - Parameter shown: what stands for `top` in the setting's path.
    private mutating func add(
        _ kind: HelperSetting.Kind, _ top: String, _ path: String, shown: String = "",
        program: ([UInt8]) -> [UInt8]?
    ) {
        do throws(BoundedFile.Failure) {
            let bytes = try BoundedFile.read(regular: top + path, limit: Self.limit)
            add(kind, shown + path, bytes, program(bytes) ?? [])
        } catch {
            note(error, shown + path)
        }
    }

    private mutating func add(_ kind: HelperSetting.Kind, _ path: String, _ value: [UInt8], _ program: [UInt8]) {
        // Every such file ends with a line break, which is not the setting's.
        let (value, program) = (value.prefix { $0 != Self.lineBreak }, program.prefix { $0 != Self.lineBreak })
        // The kernel runs nothing where a setting is empty.
        guard !program.isEmpty else { return }
        found.append(
            HelperSetting(kind: kind, path: path, value: String(escaping: value), program: String(escaping: program)))
    }

    private mutating func note(_ error: BoundedFile.Failure, _ path: String, mayBeAbsent: Bool = true) {
        if !(mayBeAbsent && error.isGone) { gaps.add(.kernel, "setting: \(error.reason)", path) }
    }

    /// What runs, of a setting with arguments (lib/argv_split.c, fs/coredump.c).
    private static func firstWord(_ text: some Collection<UInt8>) -> [UInt8] {
        let isBlank = { (byte: UInt8) in byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
        return Array(text.drop(while: isBlank).prefix { !isBlank($0) })
    }
}

extension HelperSettings {
    /// Reads the formats that somebody registered.
    ///
    /// Where the kernel knows no such file system nobody has; else to look at its directory is to mount it, where the
    /// node is set up to do so. Formats stay when the last mount is gone, and then are not seen.
    private mutating func readFormats() {
        let known = try? BoundedFile.read(regular: "\(proc)/filesystems", limit: 65_536)
        guard let known, String(decoding: known, as: UTF8.self).contains("binfmt_misc") else { return }
        let place = "/sys/fs/binfmt_misc"
        do {
            let directory = try openFormats(place)
            let (names, isCut) = try directory.entryNames(limit: Self.formatCount)
            if isCut { gaps.add(.kernel, "more than \(Self.formatCount) binary formats", "/proc" + place) }
            for bytes in names {
                let path = "/proc\(place)/\(String(escaping: bytes))"
                guard let name = String(validating: bytes, as: UTF8.self) else {
                    gaps.add(.kernel, "setting: name is no UTF-8", path)
                    continue
                }
                if name != "register", name != "status" { readFormat(name, in: directory, path) }
            }
        } catch {
            if !error.isGone { gaps.add(.kernel, "setting: \(error.reason)", "/proc" + place) }
        }
    }

    /// A service with a `/proc` of its own (systemd.exec(5), ProtectProc=) does not have what the node has mounted there.
    private func openFormats(_ place: String) throws(SystemError) -> Descriptor {
        let flags = O_RDONLY | O_DIRECTORY
        if let reference, let directory = try? Descriptor.open("\(proc)/\(reference)/root/proc\(place)", flags) {
            return directory
        }
        return try Descriptor.open(proc + place, flags)
    }

    /// One that was listed and is gone may have taken another name since: that is no less a gap.
    mutating func readFormat(_ name: String, in directory: borrowing Descriptor, _ path: String) {
        do throws(BoundedFile.Failure) {
            let bytes = try BoundedFile.read(name, in: directory, limit: Self.formatLimit)
            if let format = Self.format(bytes, path: path) { found.append(format) }
        } catch {
            note(error, path, mayBeAbsent: false)
        }
    }

    /// A format as its file shows it: `enabled`, `interpreter PATH`, `flags: LETTERS` and what files it is for; `nil`
    /// for one that is turned off.
    static func format(_ bytes: [UInt8], path: String) -> HelperSetting? {
        let lines = bytes.split(separator: UInt8(ascii: "\n"))
        func value(_ line: ArraySlice<UInt8>, _ name: String) -> ArraySlice<UInt8>? {
            line.starts(with: name.utf8) ? line.dropFirst(name.utf8.count) : nil
        }
        guard lines.first.map({ $0.elementsEqual("enabled".utf8) }) == true,
            let interpreter = lines.lazy.compactMap({ value($0, "interpreter ") }).first
        else { return nil }
        // A line break in the interpreter's path can add such a line, and not take one away.
        let isKeptOpen = lines.contains { value($0, "flags: ")?.contains(UInt8(ascii: "F")) ?? false }
        let text = String(escaping: interpreter)
        return HelperSetting(kind: .interpreter, path: path, value: text, program: text, isKeptOpen: isKeptOpen)
    }
}

extension Mount {
    /// Whether this is a hierarchy of cgroup version 1 from its top on, where its agent's file is.
    ///
    /// A group's directory of it that was mounted elsewhere has the same device. For a reader in a cgroup namespace of its
    /// own, the top is some `/..` (cgroup_namespaces(7)).
    package var isTopOfHierarchy: Bool {
        fileSystemType == "cgroup" && root.pathComponents().allSatisfy { $0 == ".." }
    }
}
