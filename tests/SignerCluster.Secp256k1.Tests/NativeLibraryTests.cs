using System.Reflection;
using System.Runtime.Loader;
using SignerCluster.Secp256k1.Native;

namespace SignerCluster.Secp256k1.Tests;

public sealed class NativeLibraryTests : NativeTests
{
    [Fact]
    public void A_missing_library_names_the_package_to_install_and_what_was_tried()
    {
        NativeLibraryMissingException missing =
            Assert.Throws<NativeLibraryMissingException>(() => NativeLibraryResolver.Load(["libnowhere.so.1", "/nonexistent/libsecp256k1.so"]));
        Assert.Contains("apt-get install libsecp256k1-1", missing.Message);
        Assert.Contains("libnowhere.so.1", missing.Message);
        Assert.Contains("/nonexistent/libsecp256k1.so", missing.Message);
        Assert.Contains(NativeLibraryResolver.OverrideVariable, missing.Message);
    }

    [Fact]
    public void A_wrong_library_names_every_symbol_it_lacks()
    {
        NativeLibraryMissingException wrong = Assert.Throws<NativeLibraryMissingException>(() => NativeLibraryResolver.Load(["libc.so.6"]));
        Assert.All(NativeMethods.Symbols, symbol => Assert.Contains(symbol, wrong.Message));
        Assert.Contains("libc.so.6", wrong.Message);
        Assert.Contains("libsecp256k1-1", wrong.Message);
    }

    [Fact]
    public void The_first_library_that_exists_is_taken() =>
        Assert.NotEqual(0, NativeLibraryResolver.Load(["libnowhere.so.1", .. NativeLibraryResolver.Candidates()]));

    [Fact]
    public void The_operators_own_build_is_the_only_candidate_when_it_is_named()
    {
        // The library must be loaded before the variable changes, because other code of this process needs it.
        Assert.False(Point.Generator.IsInfinity);
        string? before = Environment.GetEnvironmentVariable(NativeLibraryResolver.OverrideVariable);
        try
        {
            Environment.SetEnvironmentVariable(NativeLibraryResolver.OverrideVariable, "/opt/own/libsecp256k1.so");
            Assert.Equal(["/opt/own/libsecp256k1.so"], NativeLibraryResolver.Candidates());
            Environment.SetEnvironmentVariable(NativeLibraryResolver.OverrideVariable, "");
            Assert.Contains("libsecp256k1.so.1", NativeLibraryResolver.Candidates());
        }
        finally
        {
            Environment.SetEnvironmentVariable(NativeLibraryResolver.OverrideVariable, before);
        }
    }

    [Fact]
    public void Every_imported_entry_point_is_asserted_at_load()
    {
        string?[] imported =
        [
            .. typeof(NativeMethods).GetMethods(BindingFlags.Static | BindingFlags.NonPublic | BindingFlags.DeclaredOnly)
                .Select(static method => method.GetCustomAttribute<System.Runtime.InteropServices.LibraryImportAttribute>()?.EntryPoint
                    ?? method.GetCustomAttribute<System.Runtime.InteropServices.DllImportAttribute>()?.EntryPoint)
                .Where(static name => name is not null).Distinct().Order(StringComparer.Ordinal),
        ];
        Assert.Equal(NativeMethods.Symbols.Order(StringComparer.Ordinal), imported);
    }

    [Fact]
    public void An_illegal_argument_is_counted_and_thrown_and_does_not_end_the_process()
    {
        // A second copy of the assembly has a counter of its own, so the one that every test watches stays at zero.
        AssemblyLoadContext isolated = new("illegal call", isCollectible: false);
        Assembly copy = isolated.LoadFromAssemblyPath(typeof(Point).Assembly.Location);
        Type point = copy.GetType(typeof(Point).FullName!)!;
        Type key = copy.GetType(typeof(NativePublicKey).FullName!)!;
        object zeroed = point.GetConstructor(BindingFlags.Instance | BindingFlags.NonPublic, [key.MakeByRefType()])!.Invoke([Activator.CreateInstance(key)]);

        Exception thrown = Assert.Throws<TargetInvocationException>(() => point.GetMethod(nameof(Point.ToCompressed))!.Invoke(zeroed, null)).InnerException!;

        Assert.Equal(typeof(InvalidOperationException), thrown.GetType());
        PropertyInfo counter = copy.GetType(typeof(SecpContext).FullName!)!.GetProperty("IllegalCalls", BindingFlags.Static | BindingFlags.NonPublic)!;
        Assert.Equal(1, counter.GetValue(null));
    }
}
