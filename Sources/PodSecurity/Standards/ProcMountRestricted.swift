extension PodSecurityCheck {
    /// The masks over `/proc` must stay, user namespace or not: since 1.35, where `procMount` asks for less.
    ///
    /// Reads `securityContext.procMount` of all containers; unset and `Default` are allowed.
    static let procMountRestricted = PodSecurityCheck(
        id: "procMount_restricted", level: .restricted, revisions: [Revision(since: 35, judge: withUnmaskedProc)],
        overrides: ["procMount"])
}
