import NodeModel

extension Check {
    /// A container that is not privileged was given a device of the node.
    ///
    /// Reads the record; one finding a device, and one for a rule that allows them all. Device nodes that every container has are left out.
    static let hostDevice = Check(
        Technique(
            id: "host-device", title: "Was given a device of the node", class: .exposure, weight: .partial,
            attack: ["T1611", "T1006"], messageID: "1cbef8eb7d57616c1661c7da670f686e",
            reason: "the container was given a device of the node",
            meaning: """
                Through a disk the container reads and writes the node's files below the file system; through /dev/mem \
                its memory. Other devices are as dangerous as their driver.
                """,
            remedy: "Use a device plugin or a volume that hands out the one device meant; never the node's own disk."),
        reads: [.bundles], declares: { request, evidence in request.asksForDevice(evidence.key) }
    ) { index in
        unprivileged(index).flatMap { container, bundle in
            let task = index.processes(of: container).first
            let every = bundle.allowsAllDevices ? [everyDevice(container, task)] : []
            return every
                + bundle.devices.filter { !$0.isOfEveryContainer }.map { device in
                    var values: [String: EvidenceValue] = ["path": .text(device.path)]
                    if let number = device.number { values["number"] = .text(number.description) }
                    if let type = device.type { values["type"] = .text(type) }
                    let numbers = device.number.map { " \(device.type ?? "?") \($0)" } ?? ""
                    return Evidence(
                        container: container, task: task, declaration: .declaredByRuntime,
                        weight: weight(of: device), key: device.path, detail: device.path + numbers, values: values)
                }
        }
    }

    /// The rule of a privileged container: what is not there yet, it makes itself (CAP_MKNOD is a default).
    private static func everyDevice(_ container: Int, _ task: NodeTask?) -> Evidence {
        Evidence(
            container: container, task: task, declaration: .declaredByRuntime, weight: .rootEquivalent, key: "*",
            detail: "every device of the node", values: ["path": .text("*")])
    }

    private static func weight(of device: BundleDevice) -> Weight {
        if device.type == "b" { return .rootEquivalent }
        let number = device.number.map { ($0.major, $0.minor) }
        // mem, kmem and port (Documentation/admin-guide/devices.txt).
        if let number, number.0 == 1, [1, 2, 4].contains(number.1) { return .rootEquivalent }
        // Accelerators and FUSE are what device plugins hand out.
        if let number, number == (10, 229) { return .minor }
        let name = device.path.pathComponents().last ?? ""
        if ["nvidia", "neuron", "infiniband", "uverbs"].contains(where: { name.hasPrefix($0) }) { return .minor }
        return .partial
    }
}

extension BundleDevice {
    /// One that runc makes in every container (runtime-spec config-linux.md, default devices).
    var isOfEveryContainer: Bool {
        guard type != "b", let number else { return false }
        return [(1, 3), (1, 5), (1, 7), (1, 8), (1, 9), (5, 0), (5, 2)].contains {
            number.major == $0.0 && number.minor == $0.1
        }
    }
}
