import Testing

@testable import Findings

@Suite struct ImageRepositoryTests {
    static let images: [(name: String, repository: String)] = [
        ("public.ecr.aws/eks/coredns:v1.11", "public.ecr.aws/eks/coredns"),
        ("public.ecr.aws/eks/coredns@sha256:00ff", "public.ecr.aws/eks/coredns"),
        ("public.ecr.aws/eks/coredns:v1@sha256:00ff", "public.ecr.aws/eks/coredns"),
        ("localhost:5000/a", "localhost:5000/a"), ("localhost/a:1", "localhost/a"),
        ("busybox", "docker.io/library/busybox"), ("busybox:1.36", "docker.io/library/busybox"),
        ("falcosecurity/falco:0.44", "docker.io/falcosecurity/falco"),
        (
            "602401143452.dkr.ecr.eu-west-1.amazonaws.com/eks/kube-proxy:v1",
            "602401143452.dkr.ecr.*.amazonaws.com/eks/*"
        ),
    ]

    @Test(arguments: images)
    func ofImage(name: String, repository: String) throws {
        let pattern = try #require(ImageRepository(repository))
        #expect(pattern.matches(try #require(ImageRepository(ofImage: name))))
    }

    static let others: [(pattern: String, name: String)] = [
        ("602401143452.dkr.ecr.*.amazonaws.com/x", "602401143452.dkr.ecr.evil.example/a.amazonaws.com/x"),
        ("602401143452.dkr.ecr.*.amazonaws.com/x", "602401143452.dkr.ecr.a.b.amazonaws.com/x"),
        ("602401143452.dkr.ecr.*.amazonaws.com/x", "602401143452.dkr.ecr.eu-west-1.amazonaws.com.cn/x"),
        ("public.ecr.aws/eks/*", "public.ecr.aws/eks/a/b"), ("public.ecr.aws/eks/a", "public.ecr.aws/eks/a-b:1"),
        ("public.ecr.aws/eks/a", "public.ecr.aws:443/eks/a"), ("docker.io/library/a", "docker.io/a"),
    ]

    @Test(arguments: others)
    func otherRepository(pattern: String, name: String) throws {
        #expect(!(try #require(ImageRepository(pattern))).matches(try #require(ImageRepository(ofImage: name))))
    }

    @Test(arguments: ["", "busybox", "a/b", "registry.example", "registry.example/", "registry.example//a", "/a"])
    func noRepository(text: String) {
        #expect(ImageRepository(text) == nil)
    }

    @Test(arguments: ["", "@sha256:00", ":1", "/", "a//b", "registry.example//a"])
    func noImage(name: String) {
        #expect(ImageRepository(ofImage: name) == nil)
    }
}
