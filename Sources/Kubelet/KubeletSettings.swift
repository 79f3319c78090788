import Glibc
import LinuxSystem

/// What the node's kubelet was started with, as far as a client of the API server has to know it.
///
/// The kubelet knows itself by `--hostname-override` (EKS gives it on every node) and talks to the API server by the
/// file of `--kubeconfig`.
package struct KubeletSettings: Sendable, Equatable {
    package var nodeName: String?
    package var kubeconfig: String?
    /// What may hold the kubelet's arguments and could not be read, with why: without it, a node name is a guess.
    package var unreadArguments: [String]
    /// The kubeconfigs that are there and could not be read, with why.
    package var unreadKubeconfigs: [String]

    package init(
        nodeName: String? = nil, kubeconfig: String? = nil, unreadArguments: [String] = [],
        unreadKubeconfigs: [String] = []
    ) {
        self.nodeName = nodeName
        self.kubeconfig = kubeconfig
        self.unreadArguments = unreadArguments
        self.unreadKubeconfigs = unreadKubeconfigs
    }

    /// The files that EKS images keep the kubelet's arguments in: Amazon Linux 2023, and the drop-ins of Amazon Linux 2.
    static let argumentFiles = [
        "etc/eks/kubelet/environment", "etc/systemd/system/kubelet.service.d/30-kubelet-extra-args.conf",
        "etc/systemd/system/kubelet.service.d/10-kubelet-args.conf",
    ]

    /// Where the kubeconfig is unless the kubelet was told otherwise: EKS images, Bottlerocket, and nodes of Outposts,
    /// whose kubelet replaces a first one.
    static let usualKubeconfigs = [
        "var/lib/kubelet/kubeconfig", "etc/kubernetes/kubelet/kubeconfig", "etc/kubernetes/kubelet.conf",
        "var/lib/kubelet/bootstrap-kubeconfig",
    ]

    /// From the running kubelet, then from the files that it is started from.
    ///
    /// - Parameters:
    ///   - proc: a `/proc` that shows the kubelet.
    ///   - root: where the node's root directory is.
    package static func read(proc: String = "/proc", root: String = "/") -> KubeletSettings {
        var settings = KubeletSettings()
        do throws(BoundedFile.Failure) {
            settings = parse(try runningKubelet(proc: proc) ?? [])
        } catch {
            settings.unreadArguments.append("the kubelet in \(proc): \(error.reason)")
        }
        for path in argumentFiles.map({ "/" + $0 }) where settings.nodeName == nil || settings.kubeconfig == nil {
            do throws(BoundedFile.Failure) {
                let found = parse(words(of: try BoundedFile.read(regular: root + path, limit: 1 << 16)))
                settings.nodeName = settings.nodeName ?? found.nodeName
                settings.kubeconfig = settings.kubeconfig ?? found.kubeconfig
            } catch {
                if !error.isGone { settings.unreadArguments.append("\(path): \(error.reason)") }
            }
        }
        for path in usualKubeconfigs.map({ "/" + $0 }) where settings.kubeconfig == nil {
            do throws(BoundedFile.Failure) {
                _ = try BoundedFile.read(regular: root + path, limit: 1 << 20)
                settings.kubeconfig = path
            } catch {
                if !error.isGone { settings.unreadKubeconfigs.append("\(path): \(error.reason)") }
            }
        }
        return settings
    }

    /// The name that a kubelet takes without `--hostname-override`: the host's, in lower case
    /// (pkg/util/node, GetHostname).
    package static func defaultNodeName() -> String? {
        var names = utsname()
        guard uname(&names) == 0 else { return nil }
        let name = withUnsafeBytes(of: names.nodename) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        return name.isEmpty ? nil : name.lowercased()
    }

    /// The last word counts, as for the kubelet itself; both `--flag=value` and `--flag value` are right.
    static func parse(_ arguments: [String]) -> KubeletSettings {
        var settings = KubeletSettings()
        for (index, argument) in arguments.enumerated() {
            func value(_ flag: String) -> String? {
                if argument.hasPrefix("\(flag)=") { return String(argument.dropFirst(flag.count + 1)) }
                return argument == flag && index + 1 < arguments.count ? arguments[index + 1] : nil
            }
            if let name = value("--hostname-override"), !name.isEmpty { settings.nodeName = name }
            if let path = value("--kubeconfig"), path.hasPrefix("/") { settings.kubeconfig = path }
        }
        return settings
    }

    /// The words of `Environment='KUBELET_ARGS=--a=b …'` and `NODEADM_KUBELET_ARGS=--a=b …` (systemd.exec(5)).
    static func words(of file: [UInt8]) -> [String] {
        let separators: Set<UInt8> = Set(" \t\n\r'\"".utf8)
        return file.split { separators.contains($0) }.compactMap { word -> String? in
            let text = String(decoding: word, as: UTF8.self)
            guard let start = text.firstRange(of: "--")?.lowerBound else { return text }
            return String(text[start...])
        }
    }
}

extension KubeletSettings {
    /// The arguments of the kubelet that runs on this node, and in no container: its program is named so, it is root's,
    /// and it is in the mount and PID namespace of PID 1.
    private static func runningKubelet(proc: String) throws(BoundedFile.Failure) -> [String]? {
        guard let host = try namespaces(proc: proc, "1") else { return nil }
        for pid in try processes(proc: proc) where isNamedKubelet(proc: proc, pid) {
            do throws(BoundedFile.Failure) {
                guard try namespaces(proc: proc, pid) == host, try isRoots(proc: proc, pid) else { continue }
                let bytes = try BoundedFile.read(path: "\(proc)/\(pid)/cmdline", limit: 1 << 17)
                let arguments = bytes.split(separator: 0).map { String(decoding: $0, as: UTF8.self) }
                if arguments.first?.split(separator: "/").last == "kubelet" { return arguments }
            } catch {
                if !error.isGone { throw error }
            }
        }
        return nil
    }

    private static func processes(proc: String) throws(BoundedFile.Failure) -> [String] {
        do throws(SystemError) {
            let names = try Descriptor.open(proc, O_RDONLY | O_DIRECTORY).entryNames(limit: 1 << 20).names
            return names.map { String(decoding: $0, as: UTF8.self) }.filter { UInt32($0) != nil }
        } catch {
            throw .system(error)
        }
    }

    /// Everybody may read a process's name (proc_pid_comm(5)); one that ended has none.
    private static func isNamedKubelet(proc: String, _ pid: String) -> Bool {
        (try? BoundedFile.read(path: "\(proc)/\(pid)/comm", limit: 64)) == Array("kubelet\n".utf8)
    }

    /// Whether all four user ids of a process are root's (proc_pid_status(5)).
    private static func isRoots(proc: String, _ pid: String) throws(BoundedFile.Failure) -> Bool {
        let status = try BoundedFile.read(path: "\(proc)/\(pid)/status", limit: 1 << 16)
        return status.split(separator: UInt8(ascii: "\n")).contains { $0.elementsEqual("Uid:\t0\t0\t0\t0".utf8) }
    }

    /// The mount and the PID namespace; `nil` for a process that is not there.
    private static func namespaces(proc: String, _ pid: String) throws(BoundedFile.Failure) -> [[UInt8]]? {
        do throws(SystemError) {
            let directory = try Descriptor.open("\(proc)/\(pid)/ns", O_RDONLY | O_DIRECTORY)
            return [try directory.linkTarget(of: "mnt"), try directory.linkTarget(of: "pid")]
        } catch {
            if error.isGone { return nil }
            throw .system(error)
        }
    }
}
