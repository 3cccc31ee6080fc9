// swift-tools-version: 6.2

import PackageDescription

/// Set by Tests/fuzz/run: everything is built so that a fuzzer sees which way its input goes.
let fuzzes = Context.environment["RELEVO_FUZZ"] != nil

/// Set by Tests/sanitize: what C leaves undefined traps.
let undefinedTraps =
    Context.environment["RELEVO_SANITIZE"] == nil
    ? [] : ["-fsanitize=undefined", "-fsanitize-trap=undefined"]

/// Set by Tests/quick: only the pure targets and their tests are there, so nothing else is built.
let isQuick = Context.environment["RELEVO_QUICK"] != nil

/// One set of rules for every Swift target.
let plainRules: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]
let rules = plainRules + (fuzzes ? [.unsafeFlags(["-sanitize=fuzzer"])] : [])

/// For what the supervisor runs once an event, not once a datagram: its code is to take little memory.
let smallRules = rules + [.unsafeFlags(["-Osize"], .when(configuration: .release))]

/// A third of a program's resident memory is code, and what the linker puts beside it: packed relocations
/// (glibc 2.36), and no names for libraries that nobody loads.
let smallLinking: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xlinker", "-z", "-Xlinker", "pack-relative-relocs",
            "-Xlinker", "--no-export-dynamic",
        ], .when(configuration: .release))
]

let systemPackage: Target.Dependency = .product(name: "SystemPackage", package: "swift-system")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(
    name: "ArgumentParser", package: "swift-argument-parser")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
    name: "relevo",
    products: [
        .executable(name: "relevo", targets: ["relevo"]),
        .executable(name: "relevod", targets: ["relevod"]),
        .executable(name: "relevo-exporter", targets: ["relevo-exporter"]),
        .executable(name: "relevo-load", targets: ["relevo-load"]),
        .library(name: "RelevoClient", targets: ["RelevoClient"]),
    ],
    // Exact, for a build is to come out the same at any time.
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
        .package(url: "https://github.com/apple/swift-system", exact: "1.8.1"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", exact: "0.2.0"),
    ],
    targets: [
        // Pure: rules and formats. They import no libc; Settings imports Packs, ServiceCore the others.
        .target(name: "HandoverCore", exclude: ["STATES.md"], swiftSettings: smallRules),
        .target(
            name: "Packs",
            resources: [
                .embedInCode("Descriptions/dtls-cid.pack"),
                .embedInCode("Descriptions/nebula.pack"), .embedInCode("Descriptions/srt.pack"),
                .embedInCode("Descriptions/wireguard.pack"),
            ], swiftSettings: smallRules),
        .target(
            name: "Settings", dependencies: ["Packs"],
            resources: [.embedInCode("Units/known-servers.conf")], swiftSettings: smallRules),
        .target(name: "ChannelProtocol", exclude: ["CHANNEL.md"], swiftSettings: smallRules),
        .target(name: "Record", swiftSettings: smallRules),
        .target(
            name: "ServiceCore",
            dependencies: ["HandoverCore", "Settings", "ChannelProtocol", "Record"],
            exclude: ["History/HISTORY.md", "Hooks/HOOKS.md"], swiftSettings: smallRules),

        // JSON of the control socket, shared by relevo and relevod.
        .target(name: "ControlProtocol", swiftSettings: smallRules),

        // Pure: what a service remembers, in the words of the control socket; relevo reads it from the file as well.
        .target(
            name: "HistoryWire", dependencies: ["ControlProtocol", "HandoverCore", "ServiceCore"],
            swiftSettings: smallRules),

        // Pure: what supervisors say of themselves, as metrics.
        .target(name: "Metrics", dependencies: ["ControlProtocol"], swiftSettings: smallRules),

        // The kernel, and the only target that makes system calls.
        .target(
            name: "CKernel",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"] + undefinedTraps)]),
        .target(name: "Kernel", dependencies: ["CKernel", systemPackage], swiftSettings: rules),

        // Steering: the program in the kernel and what loads it.
        .target(name: "SteeringABI"),
        .systemLibrary(name: "CBPF", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev"])]),
        .executableTarget(
            name: "EmbedSteering", path: "Plugins/EmbedSteering", swiftSettings: plainRules),
        .plugin(name: "CompileSteering", capability: .buildTool(), dependencies: ["EmbedSteering"]),
        .target(
            name: "Steering",
            dependencies: ["Kernel", "Packs", "SteeringABI", "CBPF", systemPackage],
            exclude: ["STEERING.md"], swiftSettings: rules, plugins: ["CompileSteering"]),

        .target(
            name: "Adoption", dependencies: ["Kernel"], exclude: ["BIND.md"],
            swiftSettings: smallRules),

        // The service manager.
        .systemLibrary(
            name: "CSystemd", pkgConfig: "libsystemd", providers: [.apt(["libsystemd-dev"])]),
        .target(name: "Systemd", dependencies: ["Kernel", "CSystemd"], swiftSettings: smallRules),

        // What outlives a supervisor.
        .target(name: "Keeper", dependencies: ["Kernel"], swiftSettings: smallRules),

        // The workers' library. packaging/build-librelevo makes a C library of the same sources,
        // with CABI and without Module.
        // No unsafe flags: with them no other package could depend on it.
        .target(name: "CRelevoClient"),
        .target(
            name: "RelevoClient", dependencies: ["CRelevoClient"], exclude: ["CABI", "README.md"],
            swiftSettings: rules),

        // The supervisor's shell and the programs.
        .target(
            name: "Supervisor",
            dependencies: [
                "Adoption", "Keeper", "Steering", "Systemd", "Kernel", "HandoverCore",
                "ServiceCore", "Record", "Packs",
                "Settings", "ChannelProtocol", "ControlProtocol", "HistoryWire", logging,
            ], exclude: ["TRUST.md"], swiftSettings: smallRules),
        .executableTarget(
            name: "relevod",
            dependencies: ["Supervisor", "Keeper", "Systemd", "Settings", "Kernel", logging],
            swiftSettings: smallRules, linkerSettings: smallLinking),
        // What the tools share: where services are, and how they are.
        .target(
            name: "ControlClient", dependencies: ["ControlProtocol", "Kernel"],
            swiftSettings: smallRules),
        .executableTarget(
            name: "relevo",
            dependencies: [
                "Settings", "ChannelProtocol", "ControlProtocol", "ControlClient", "Metrics",
                "HistoryWire", "ServiceCore", "Kernel", "Packs", "Steering", "Adoption", arguments,
            ], exclude: ["OPERATIONS.md", "TROUBLESHOOTING.md"], swiftSettings: smallRules,
            linkerSettings: smallLinking),
        // Metrics over HTTP; what the library for that costs, no other program pays.
        .target(
            name: "CMicrohttpd",
            cSettings: [.unsafeFlags(["-Wall", "-Wextra", "-Werror"] + undefinedTraps)],
            linkerSettings: [.linkedLibrary("microhttpd")]),
        .target(
            name: "Exporter",
            dependencies: [
                "CMicrohttpd", "ControlClient", "ControlProtocol", "Metrics", "Kernel",
            ],
            swiftSettings: smallRules),
        .executableTarget(
            name: "relevo-exporter",
            dependencies: ["Exporter", "ControlClient", "ControlProtocol", "Kernel", arguments],
            swiftSettings: smallRules, linkerSettings: smallLinking),
        .executableTarget(
            name: "relevo-load",
            dependencies: [
                "Adoption", "Kernel", "Packs", "Steering", "ControlProtocol", "RelevoClient",
                "Record", histogram,
                arguments,
            ], exclude: ["PERFORMANCE.md"],
            swiftSettings: rules, linkerSettings: smallLinking),

        .target(
            name: "TestKit", dependencies: ["Kernel", "ControlProtocol"], path: "Tests/TestKit",
            swiftSettings: rules),
        // Datagrams of real programs.
        .target(
            name: "Captures", path: "Tests/Captures", exclude: ["record"],
            resources: [
                .embedInCode("dtls-cid.hex"), .embedInCode("nebula.hex"),
                .embedInCode("srt.hex"), .embedInCode("wireguard.hex"),
            ], swiftSettings: rules),
        // Random numbers of tests, also of those that touch no kernel.
        .target(name: "TestSeeds", path: "Tests/TestSeeds", swiftSettings: rules),
        .executableTarget(
            name: "client-worker", dependencies: ["RelevoClient", "Kernel", systemPackage],
            path: "Tests/ClientWorker", swiftSettings: rules),
        .testTarget(
            name: "HandoverCoreTests", dependencies: ["HandoverCore", "TestSeeds"],
            swiftSettings: rules),
        .testTarget(
            name: "PacksTests", dependencies: ["Packs", "Captures", "TestSeeds"],
            swiftSettings: rules),
        .testTarget(
            name: "SettingsTests", dependencies: ["Settings", "Packs", "TestSeeds"],
            swiftSettings: rules),
        .testTarget(
            name: "ChannelProtocolTests", dependencies: ["ChannelProtocol", "TestSeeds"],
            swiftSettings: rules),
        .testTarget(
            name: "RecordTests", dependencies: ["Record", "TestSeeds"], swiftSettings: rules),
        // The whole supervisor in a simulated world.
        .target(
            name: "Simulation",
            dependencies: [
                "ServiceCore", "HandoverCore", "Settings", "ChannelProtocol", "Record", "TestSeeds",
            ],
            path: "Tests/Simulation", swiftSettings: rules),
        .executableTarget(
            name: "relevo-simulate", dependencies: ["Simulation"], path: "Tests/Simulate",
            swiftSettings: rules),
        .testTarget(
            name: "SimulationTests", dependencies: ["Simulation"], swiftSettings: rules),
        .testTarget(
            name: "ServiceCoreTests",
            dependencies: [
                "ServiceCore", "HandoverCore", "Settings", "ChannelProtocol", "Record", "TestSeeds",
            ], swiftSettings: rules),
        .testTarget(
            name: "ControlProtocolTests", dependencies: ["ControlProtocol", "TestSeeds"],
            swiftSettings: rules),
        .testTarget(
            name: "MetricsTests", dependencies: ["Metrics", "ControlProtocol"],
            swiftSettings: rules),
        .testTarget(
            name: "ControlClientTests",
            dependencies: ["ControlClient", "ControlProtocol", "Kernel", "TestKit"],
            swiftSettings: rules),
        .testTarget(
            name: "ExporterTests",
            dependencies: ["relevo-exporter", "ControlProtocol", "Kernel", "TestKit"],
            swiftSettings: rules),
        .testTarget(
            name: "RelevoTests",
            dependencies: [
                "relevo", "Settings", "ControlProtocol", "Kernel", "TestKit", "TestSeeds",
                arguments,
            ],
            swiftSettings: rules),
        // What the pages (*.md) tell a reader to type.
        .testTarget(
            name: "PagesTests",
            dependencies: [
                "relevo", "relevo-load", "ControlClient", "Settings", "Kernel", "TestKit",
                arguments,
            ],
            swiftSettings: rules),
        .testTarget(
            name: "KernelTests", dependencies: ["Kernel", "TestKit"], swiftSettings: rules),
        .testTarget(
            name: "SteeringTests",
            dependencies: [
                "Steering", "SteeringABI", "Packs", "Captures", "Kernel", "RelevoClient", "TestKit",
                "TestSeeds",
            ], swiftSettings: rules),
        .testTarget(
            name: "SystemdTests", dependencies: ["Systemd", "Kernel", "TestKit"],
            swiftSettings: rules),
        .testTarget(
            name: "AdoptionTests", dependencies: ["Adoption", "Kernel", "TestKit"],
            swiftSettings: rules),
        .testTarget(
            name: "KeeperTests", dependencies: ["Keeper", "Kernel", "TestKit"],
            swiftSettings: rules),
        .testTarget(
            name: "SupervisorTests",
            dependencies: [
                "Supervisor", "ServiceCore", "Adoption", "HandoverCore", "Steering", "Settings",
                "Kernel", "ChannelProtocol", "ControlProtocol", "Systemd", "TestKit",
            ], swiftSettings: rules),
        .testTarget(
            name: "RelevoLoadTests", dependencies: ["relevo-load", "Kernel", "TestKit"],
            swiftSettings: rules),
        .testTarget(
            name: "RelevoClientTests", dependencies: ["RelevoClient", "Kernel", "TestKit"],
            swiftSettings: rules),
        .testTarget(
            name: "UnderSystemdTests", dependencies: ["TestKit", "Kernel", "ControlProtocol"],
            swiftSettings: rules),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["TestKit", "Kernel", "ControlProtocol", "client-worker"],
            swiftSettings: rules),
    ],
    swiftLanguageModes: [.v6]
)

if fuzzes {
    package.targets.append(
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "Settings", "ChannelProtocol", "ControlProtocol", "Keeper", "ServiceCore",
                "HandoverCore", "Kernel", "Record", "RelevoClient",
            ], path: "Tests/fuzz", exclude: ["run"], swiftSettings: rules,
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer", "-use-ld=lld"])]))
}

if isQuick {
    let pure: Set = [
        "HandoverCore", "Packs", "Settings", "ChannelProtocol", "ControlProtocol", "Metrics",
        "Record", "ServiceCore", "Captures", "TestSeeds",
    ]
    package.targets.removeAll {
        !pure.contains($0.name) && !pure.contains("\($0.name.dropLast("Tests".count))")
    }
    package.products = []
    package.dependencies = []
}
