namespace SignerCluster.Host.Settings.Hocon;

/// <summary>What stands in a file, before substitutions.</summary>
internal abstract record HoconSyntax(HoconOrigin Origin);

/// <summary>What needs no substitution.</summary>
internal sealed record KnownSyntax(HoconValue Value) : HoconSyntax(Value.Origin);

/// <summary>Blanks between two parts of a concatenation, which count only between texts.</summary>
internal sealed record BlankSyntax(string Text, HoconOrigin Origin) : HoconSyntax(Origin);

/// <summary>A list; an item is what is laid over each other to make it.</summary>
internal sealed record ListSyntax(IReadOnlyList<IReadOnlyList<HoconSyntax>> Items, HoconOrigin Origin) : HoconSyntax(Origin);

/// <summary><c>${path}</c> or <c>${?path}</c>.</summary>
/// <param name="Paths">Where to look, the first that has a value counts: in an included file below the object that includes it, then from the root.</param>
/// <param name="IsWithObject">It is concatenated with an object, so it must be one.</param>
internal sealed record ReferenceSyntax(IReadOnlyList<HoconPath> Paths, bool IsOptional, bool IsWithObject, HoconOrigin Origin) : HoconSyntax(Origin)
{
    /// <summary>As it was written.</summary>
    internal HoconPath Written => Paths[^1];
}

/// <summary>Several values on one line, none of which is written as an object.</summary>
internal sealed record ConcatenationSyntax(IReadOnlyList<HoconSyntax> Parts, HoconOrigin Origin) : HoconSyntax(Origin);

/// <summary>Everything that was assigned to every key, in the order of assignment: a later value replaces or is merged with an earlier one, or refers to it.</summary>
internal sealed record ObjectSyntax(HoconOrigin Origin) : HoconSyntax(Origin)
{
    internal OrderedDictionary<string, List<HoconSyntax>> Fields { get; } = new(StringComparer.Ordinal);

    internal void Add(HoconPath path, IReadOnlyList<HoconSyntax> values, HoconOrigin origin)
    {
        ObjectSyntax owner = this;
        foreach (string key in path.Keys.SkipLast(1))
        {
            ObjectSyntax next = new(origin);
            owner.Of(key).Add(next);
            owner = next;
        }

        owner.Of(path.Keys[^1]).AddRange(values);
    }

    /// <summary>As if everything in the other object were written here.</summary>
    internal void Add(ObjectSyntax included)
    {
        foreach ((string key, List<HoconSyntax> values) in included.Fields)
        {
            Of(key).AddRange(values);
        }
    }

    private List<HoconSyntax> Of(string key)
    {
        if (!Fields.TryGetValue(key, out List<HoconSyntax>? values))
        {
            Fields[key] = values = [];
        }

        return values;
    }
}
