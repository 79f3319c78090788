import NodeModel

extension Check {
    /// One check for each kind of settings that name a program for the kernel to run: one of them names another program
    /// than nodes have there.
    ///
    /// The pod is named that the program can be from: it lies in the pod's own files, or no other pod could write there.
    /// Who changed the setting itself no scan can tell. Silent of settings that are as kernels and distributions make
    /// them, and of an interpreter of the node's own below /usr, unless it is kept open. An agent counts whether or
    /// not a cgroup asks for it now: who sets the one sets the other.
    static let kernelHelpersSet: [Check] = KernelHelper.all.map { helper in
        Check(
            Technique(
                id: helper.id, title: helper.title, class: .residue, weight: .runnableResidue,
                attack: ["T1611", "T1546"], messageID: helper.messageID,
                reason: "a setting of the node's kernel names a program that nodes do not have there",
                meaning: helper.meaning,
                remedy: """
                    Keep the program for the investigation and put the setting right. Unless a tool of the node made it so, \
                    treat the node as taken and replace it; then take away privileged, CAP_SYS_ADMIN and the hostPath.
                    """),
            reads: [.bundles, .mounts, .kernel]
        ) { index in
            (index.node.host.kernelState?.helpers ?? []).filter { $0.kind == helper.kind }.compactMap { setting in
                guard !KernelHelper.isUsual(setting.program, among: helper.usual) else { return nil }
                return evidence(of: setting, ProgramPlace(of: setting, index), index)
            }
        }
    }

    private static func evidence(
        of setting: HelperSetting, _ place: ProgramPlace, _ index: NodeIndex
    ) -> Evidence? {
        let pods = place.pods(index)
        // Who can write to all of the node is no reason to doubt each of its programs: changed ones are told by themselves
        // where a scan looks.
        let isNamedAsNodes =
            place.container == nil && place.isScanned && PathParts("/usr").contains(PathParts(setting.program))
        let isNodes = place.isOfNode && (pods.isEmpty || isNamedAsNodes)
        if setting.kind == .interpreter, isNodes, !setting.isKeptOpen { return nil }
        let writers =
            switch pods.count {
            case 0: ""
            case 1...3: ", which " + pods.joined(separator: " and ") + " can write"
            default: ", which \(pods[0]), \(pods[1]) and \(pods.count - 2) more can write"
            }
        var values: [String: EvidenceValue] = [
            "setting": .text(setting.path), "value": .text(setting.value), "program": .text(setting.program),
            "place": .text(place.words), "pods": .list(pods),
        ]
        if setting.kind == .interpreter { values["keptOpen"] = .flag(setting.isKeptOpen) }
        return Evidence(
            container: place.container ?? (pods.count == 1 ? place.writers.first : nil), declaration: .undeclared,
            weight: setting.kind == .interpreter && isNodes ? .inertResidue : nil,
            key: "\(setting.path) \(setting.program)",
            detail: "\(setting.path) names \(setting.program), \(place.words)\(place.container == nil ? writers : "")",
            values: values)
    }
}
