using System.Reflection;

namespace SignerCluster.Architecture.Tests;

internal static class Records
{
    /// <summary>A record class is recognised by its copying method, a record struct by its printing of members; the compiler makes both.</summary>
    internal static bool IsRecord(Type type) =>
        type.GetMethod("<Clone>$") is not null
        || type.GetMethod("PrintMembers", BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.DeclaredOnly) is not null;
}
