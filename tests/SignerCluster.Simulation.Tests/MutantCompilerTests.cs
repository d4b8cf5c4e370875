using System.Reflection;
using System.Runtime.Loader;
using SignerCluster.Simulation.Tests.Plants;

namespace SignerCluster.Simulation.Tests;

/// <summary>The tool that plants faults: what it builds is the product but for the edit.</summary>
public sealed class MutantCompilerTests
{
    private const string Ids = "src/SignerCluster.Protocol/Ids.cs";
    private static readonly Edit _longerIds = new(Ids, "MaximumLength = 64;", "MaximumLength = 65;");

    [Fact]
    public async Task A_mutant_is_the_product_but_for_its_edit()
    {
        using TemporaryFolder folder = new();
        IReadOnlyList<string> assemblies = await MutantCompiler.CompileAsync([_longerIds], folder);
        Assert.Equal(65, MaximumLength(Assert.Single(assemblies)));
        Assert.Equal(64, MaximumLength(Path.Combine(AppContext.BaseDirectory, "SignerCluster.Protocol.dll")));
    }

    [Theory]
    [InlineData("no such text")]
    [InlineData("return")]
    public void An_edit_whose_anchor_is_gone_or_ambiguous_fails_and_names_it(string anchor)
    {
        Exception failure = Assert.ThrowsAny<Exception>(() => new Edit(Ids, anchor, "text").ApplyTo(File.ReadAllText(Checkout.PathOf(Ids))));
        Assert.Contains(Ids, failure.Message, StringComparison.Ordinal);
        Assert.Contains(anchor, failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_edit_that_does_not_compile_fails_and_says_what_the_compiler_said()
    {
        using TemporaryFolder folder = new();
        Exception failure = await Assert.ThrowsAnyAsync<Exception>(
            () => MutantCompiler.CompileAsync([_longerIds with { Replacement = "MaximumLength = nothing;" }], folder));
        Assert.Contains("CS0103", failure.Message, StringComparison.Ordinal);
    }

    private static int MaximumLength(string assembly)
    {
        AssemblyLoadContext context = new("mutant", isCollectible: true);
        try
        {
            FieldInfo field =
                context.LoadFromAssemblyPath(assembly).GetType("SignerCluster.Protocol.SessionId", throwOnError: true)!.GetField("MaximumLength")!;
            return (int)field.GetRawConstantValue()!;
        }
        finally
        {
            context.Unload();
        }
    }
}
