// swift-tools-version: 6.1
import PackageDescription

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("ExistentialAny"),
]

/// For what takes little of a scan's time: of a program on ten thousand nodes, its size counts.
let smallSettings = settings + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

func module(_ name: String, _ dependencies: [Target.Dependency], isHot: Bool = true) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: isHot ? settings : smallSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies, swiftSettings: settings)
}

let package = Package(
    name: "breakoutd",
    products: [.executable(name: "breakoutd", targets: ["breakoutd"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.6.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.6.0"),
    ],
    targets: [
        .target(name: "CLinux"),
        .target(name: "CSystemd", linkerSettings: [.linkedLibrary("systemd")]),
        // The archive and not the shared library, so that a node needs no libyaml.
        .target(name: "CYAML", linkerSettings: [.linkedLibrary(":libyaml.a")]),
        .target(name: "CCurl", linkerSettings: [.linkedLibrary("dl")]),
        module("LinuxSystem", ["CLinux"]),
        module("HTTPTransport", ["LinuxSystem", "CCurl"], isHot: false),
        module(
            "AWS", ["HTTPTransport", "LinuxSystem", .product(name: "Crypto", package: "swift-crypto")], isHot: false),
        module("Delivery", ["AWS", "HTTPTransport", "LinuxSystem"], isHot: false),
        module("NodeModel", []),
        module("ProcFS", ["NodeModel", "LinuxSystem", "CLinux"]),
        module("PodLogs", ["NodeModel", "LinuxSystem"]),
        module("UnixSockets", ["NodeModel", "LinuxSystem", "CLinux"]),
        module("KernelEvents", ["NodeModel", "LinuxSystem", "CLinux"]),
        module("ContainerRuntime", ["NodeModel", "LinuxSystem"]),
        module(
            "NodeFiles", ["NodeModel", "LinuxSystem", .product(name: "Crypto", package: "swift-crypto")]),
        module("Kubelet", ["LinuxSystem"], isHot: false),
        module("KubernetesAPI", ["NodeModel", "AWS", "HTTPTransport", "Manifests", "LinuxSystem"], isHot: false),
        module(
            "NodeSnapshot",
            ["NodeModel", "LinuxSystem", "ProcFS", "PodLogs", "UnixSockets", "ContainerRuntime", "NodeFiles"]),
        module("Checks", ["NodeModel", "PodSecurity"]),
        module("PodSecurity", ["NodeModel"], isHot: false),
        module("Manifests", ["CYAML", "LinuxSystem", "NodeModel", "PodSecurity"], isHot: false),
        module(
            "Findings", ["NodeModel", "Checks", "LinuxSystem", .product(name: "Crypto", package: "swift-crypto")],
            isHot: false),
        .target(
            name: "Configuration", dependencies: ["Findings", "Checks", "Manifests", "LinuxSystem"],
            resources: [.embedInCode("Resources/AddOns.yaml")], swiftSettings: smallSettings),
        module(
            "Reports",
            ["NodeModel", "Checks", "Findings", "LinuxSystem", "Manifests", "PodSecurity"], isHot: false),
        module(
            "Daemon",
            [
                "NodeModel", "LinuxSystem", "ProcFS", "UnixSockets", "KernelEvents", "NodeFiles", "NodeSnapshot",
                "Checks", "Findings", "Reports", "Delivery", "Configuration", "KubernetesAPI", "HTTPTransport", "AWS",
                "CSystemd", "CLinux",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ], isHot: false),
        module(
            "Alerts",
            [
                "Checks", "Reports", "AWS", "HTTPTransport", "LinuxSystem", "CSystemd",
                .product(name: "Logging", package: "swift-log"),
            ], isHot: false),
        .executableTarget(
            name: "breakoutd",
            dependencies: [
                "NodeModel", "LinuxSystem", "NodeFiles", "NodeSnapshot", "Checks", "Findings", "Reports", "Manifests",
                "PodSecurity",
                "KubernetesAPI", "Kubelet", "Configuration", "Daemon", "HTTPTransport", "Alerts",
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: smallSettings
        ),
        .target(
            name: "TestSupport", dependencies: ["NodeModel", .product(name: "Logging", package: "swift-log")],
            path: "Tests/TestSupport", swiftSettings: settings),
        // What runs the harness of packaging/bench: shared by the tests that make containers.
        .target(name: "BenchSupport", path: "Tests/BenchSupport", swiftSettings: settings),
        // Calls that a test of kernel events makes and Swift cannot: fork, and what a single thread does.
        .target(name: "CTestSupport", path: "Tests/CTestSupport"),
        tests("NodeModelTests", ["NodeModel", "TestSupport"]),
        tests("LinuxSystemTests", ["LinuxSystem"]),
        tests("HTTPTransportTests", ["HTTPTransport", "LinuxSystem", "TestSupport"]),
        tests("AWSTests", ["AWS", "HTTPTransport", "TestSupport"]),
        tests("DeliveryTests", ["Delivery", "AWS", "HTTPTransport", "LinuxSystem", "TestSupport"]),
        tests("ProcFSTests", ["ProcFS", "NodeModel", "LinuxSystem", "TestSupport"]),
        tests("PodLogsTests", ["PodLogs", "NodeModel", "LinuxSystem", "TestSupport"]),
        tests("UnixSocketsTests", ["UnixSockets", "ProcFS", "NodeModel", "LinuxSystem", "TestSupport"]),
        tests("KernelEventsTests", ["KernelEvents", "NodeModel", "LinuxSystem", "CTestSupport", "TestSupport"]),
        tests("ContainerRuntimeTests", ["ContainerRuntime", "NodeModel", "LinuxSystem", "TestSupport"]),
        tests("NodeFilesTests", ["NodeFiles", "NodeModel", "LinuxSystem", "TestSupport"]),
        tests("KubernetesAPITests", ["KubernetesAPI", "HTTPTransport", "NodeModel", "LinuxSystem", "TestSupport"]),
        tests("KubeletTests", ["Kubelet", "TestSupport"]),
        tests(
            "NodeSnapshotTests",
            ["NodeSnapshot", "NodeFiles", "UnixSockets", "NodeModel", "LinuxSystem", "TestSupport"]),
        tests("ChecksTests", ["Checks", "NodeModel", "TestSupport"]),
        tests("PodSecurityTests", ["PodSecurity", "Manifests", "NodeModel", "TestSupport"]),
        tests("ManifestsTests", ["Manifests", "NodeModel", "PodSecurity", "LinuxSystem"]),
        tests("FindingsTests", ["Findings", "Checks", "NodeModel", "LinuxSystem", "TestSupport"]),
        tests(
            "ConfigurationTests", ["Configuration", "Findings", "Checks", "Manifests", "LinuxSystem", "TestSupport"]),
        tests(
            "ReportsTests",
            ["Reports", "Findings", "Checks", "NodeModel", "Manifests", "PodSecurity", "TestSupport"]),
        tests(
            "DaemonTests",
            [
                "Daemon", "Checks", "Configuration", "Delivery", "Findings", "KernelEvents", "NodeFiles", "NodeModel",
                "NodeSnapshot",
                "ProcFS", "Reports", "UnixSockets", "LinuxSystem",
                "TestSupport", .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ]),
        tests(
            "AlertsTests",
            [
                "Alerts", "Checks", "AWS", "HTTPTransport", "LinuxSystem", "TestSupport",
                .product(name: "Logging", package: "swift-log"),
            ]),
        tests("IntegrationTests", ["BenchSupport", "NodeModel", "Reports", "TestSupport"]),
        tests("NodeTests", ["BenchSupport"]),
    ]
)
