extension Check {
    /// Every check, in ascending order of technique id.
    package static let all: [Check] =
        ([
            addedCapability,
            capabilitiesBeyondBundle,
            enteredForeignNamespace,
            enteredHostIPCNamespace,
            enteredHostMountNamespace,
            enteredHostNetworkNamespace,
            enteredHostPIDNamespace,
            enteredHostUTSNamespace,
            firstProcessInHostNamespace,
            hostCgroupNamespace,
            hostDevice,
            hostIPCNamespace,
            hostNetworkNamespace,
            hostPIDNamespace,
            hostPathWritableSubmount,
            hostUTSNamespace,
            hostUserNamespace,
            leftPodCgroup,
            logForeignOwner,
            logHardLink,
            logLinkOutside,
            logNotRegular,
            logUnknownEntry,
            orphanContainer,
            privileged,
            seccompUnconfined,
            sharedProcessNamespace,
            unmaskedProc,
        ] + hostPaths).sorted { $0.technique.id < $1.technique.id }

    /// The check of a technique id.
    package static func named(_ id: String) -> Check? { all.first { $0.technique.id == id } }
}
