package import NodeModel

extension Check {
    /// Every check, in ascending order of technique id.
    package static let all: [Check] =
        ([
            abstractShimSocket,
            addedCapability,
            bpfProgramLoaded,
            capabilitiesBeyondBundle,
            confinementNotInForce,
            containerUnknownToAPI,
            containerWithoutLog,
            enteredForeignNamespace,
            enteredHostCgroupNamespace,
            enteredHostIPCNamespace,
            enteredHostMountNamespace,
            enteredHostNetworkNamespace,
            enteredHostPIDNamespace,
            enteredHostUTSNamespace,
            eventsSilenced,
            fileHandleOpened,
            firstProcessInHostNamespace,
            foreignMemoryWritten,
            foreignProcessTraced,
            holdsBPFProgram,
            holdsHostDisk,
            holdsHostFile,
            holdsHostNamespace,
            holdsHostProcess,
            holdsKernelMemory,
            holdsKubeletSocket,
            holdsPacketSocket,
            holdsProcessMemory,
            holdsRuntimeSocket,
            holdsServiceManagerSocket,
            hostCgroupNamespace,
            hostDevice,
            hostIPCNamespace,
            hostNetworkNamespace,
            hostPIDNamespace,
            hostPathWritableSubmount,
            hostUTSNamespace,
            hostUserNamespace,
            kernelHelperRun,
            kernelModuleLoaded,
            kernelSettingWritten,
            leakedWorkingDirectory,
            leftPodCgroup,
            logForeignOwner,
            logHardLink,
            logLinkOutside,
            logNotRegular,
            logUnknownEntry,
            nodeDebugPod,
            nodeDiskMounted,
            nodeFilesCovered,
            nodeProcessSignalled,
            orphanContainer,
            podUnknownToAPI,
            privileged,
            rootInHostTree,
            rootMovedToHost,
            runsHostProgram,
            runtimeHook,
            seccompUnconfined,
            sharedMemoryReached,
            sharedProcessNamespace,
            undeclaredSetting,
            unmaskedProc,
            workingDirectoryInHostTree,
        ] + hostPaths + kernelHelpersSet + nodeFilesWritten + nodeFilesChanged).sorted {
            $0.technique.id < $1.technique.id
        }

    /// The check of a technique id.
    package static func named(_ id: String) -> Check? { all.first { $0.technique.id == id } }

    /// The checks that patterns such as `host-*-namespace,privileged` name.
    package static func selected(by patterns: String) throws(UnknownCheck) -> [Check] {
        var selected: Set<String> = []
        for pattern in patterns.split(separator: ",", omittingEmptySubsequences: false).map(String.init) {
            let matching = all.map(\.technique.id).filter(NamePattern(pattern).matches)
            guard !matching.isEmpty else { throw UnknownCheck(pattern: pattern) }
            selected.formUnion(matching)
        }
        return all.filter { selected.contains($0.technique.id) }
    }
}

/// A pattern that names no check.
package struct UnknownCheck: Error, Sendable, Equatable {
    package let pattern: String
}

extension [Check] {
    /// What has to be read for all of them, and the records, by which each finding names its container.
    package var parts: NodeParts { reduce(into: .bundles) { $0.formUnion($1.reads) } }

    /// The namespace kinds that have to be read of each task.
    package var namespaces: [NamespaceKind] {
        let kinds = Set(flatMap(\.namespaces))
        return NamespaceKind.allCases.filter { kinds.contains($0) }
    }
}
